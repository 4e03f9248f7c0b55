import type { ConditionValue } from '../../../api/conditions.ts';
import type { ElementReading } from '../../../certificates/element.ts';
import { LARGE_LIST, largeListMessage } from './list-size.ts';

/** Problems of a cluster's list itself, as conditions of its record. A condition is absent while there is no problem. */
export function listWarnings(
  list: readonly ElementReading[],
  size: number,
): Record<'PrivateKeyInList' | 'LargeList', ConditionValue | undefined> {
  const keys = list.flatMap((element, index) =>
    element.kind === 'unreadable' && element.privateKey ? [`${index} (SHA-256 ${element.digest.slice(0, 16)}…)`] : [],
  );
  return {
    PrivateKeyInList: keys.length > 0 ? { status: 'True', reason: 'PrivateKey', message: keyMessage(keys) } : undefined,
    LargeList: size > LARGE_LIST ? { status: 'True', reason: 'LargeList', message: largeListMessage(size) } : undefined,
  };
}

function keyMessage(keys: readonly string[]): string {
  const which = keys.length === 1 ? `Element ${keys[0]}` : `Elements ${keys.join(', ')}`;
  if (keys.length === 1)
    return `${which} of the cluster's list contains a private key, and every node has it. Remove the element from the list and replace the key.`;
  return `${which} of the cluster's list contain private keys, and every node has them. Remove the elements from the list and replace the keys.`;
}
