import type { TokenCredential } from '@azure/identity';
import type { Cloud } from './clouds.ts';
import { classifyFailure, type ArmFailure } from './failures.ts';
import { describeLostCall } from './lost-call.ts';

/** Gets a token for ARM. Undefined when there is one, otherwise why there is none. */
export async function trySignIn(
  credential: TokenCredential,
  { scope }: Cloud,
  signal: AbortSignal,
): Promise<ArmFailure | undefined> {
  try {
    const token = await credential.getToken(scope, { abortSignal: signal });
    if (token) return undefined;
    return classifyFailure({ status: 0, code: 'NoToken', message: 'no token could be got' }, 'GetManagedCluster');
  } catch (error) {
    return classifyFailure(describeLostCall(error), 'GetManagedCluster');
  }
}
