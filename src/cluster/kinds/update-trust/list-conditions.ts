import type { ConditionValue } from '../../../api/conditions.ts';
import type { ElementReading } from '../../../certificates/element.ts';
import { LARGE_LIST, largeListMessage } from './list-size.ts';

/** What is wrong with a cluster's list as such: conditions of its record, each of them absent while all is well. */
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
  const [holds, a, it] = keys.length === 1 ? ['holds', 'a private key', 'it'] : ['hold', 'private keys', 'them'];
  return `${which} of the cluster's list ${holds} ${a}, and every node has ${it}: take the element out of the list and replace the key.`;
}
