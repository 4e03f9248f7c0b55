import type { AccessToken, TokenCredential } from '@azure/identity';
import { describeLostCall } from './lost-call.ts';

/**
 * AKS' server application, the audience of tokens for API servers; the same in every tenant and cloud.
 * azure.github.io/kubelogin/concepts/aks.html
 */
export const AKS_SERVER_APPLICATION = '6dae42f8-4368-4678-94ff-3960e28e3630';

/** Tokens of the controller's Azure identity for one audience. */
export interface BearerToken {
  /**
   * The token to send now; renewed before the old one ends.
   *
   * @throws Error that says why there is none, and quotes no request
   */
  current(): Promise<string>;
  /** Drops a token that a server refused: the next call requests another. */
  distrust(): void;
}

const MINUTE = 60_000;
/** A token is renewed this long before it ends, in ms, as the SDK does with those for ARM. */
const AHEAD = 5 * MINUTE;
/** While signing in fails, a token is used until this long before it ends, in ms. */
const SPARE = 30_000;

/** Tokens for the API servers of clusters that use Microsoft Entra ID. */
export type ApiServerToken = BearerToken;

/** @param now ms since the epoch */
export function createApiServerToken(credential: TokenCredential, now: () => number): ApiServerToken {
  return createBearerToken(credential, AKS_SERVER_APPLICATION, now);
}

/**
 * @param audience an application, or the URL of a service without a slash at its end
 * @param now ms since the epoch
 */
export function createBearerToken(credential: TokenCredential, audience: string, now: () => number): BearerToken {
  let known: AccessToken | undefined;
  let asking: Promise<string> | undefined;

  async function ask(): Promise<string> {
    try {
      const token = await credential.getToken(`${audience}/.default`);
      if (!token) throw new Error('no token could be got');
      known = token;
    } catch (error) {
      if (known === undefined || now() >= known.expiresOnTimestamp - SPARE)
        throw new Error(describeLostCall(error).message, { cause: error });
    } finally {
      asking = undefined;
    }
    return known.token;
  }

  return {
    current() {
      if (known !== undefined && now() < renewAt(known)) return Promise.resolve(known.token);
      return (asking ??= ask());
    },
    distrust() {
      known = undefined;
    },
  };
}

function renewAt({ expiresOnTimestamp, refreshAfterTimestamp = Infinity }: AccessToken): number {
  return Math.min(refreshAfterTimestamp, expiresOnTimestamp - AHEAD);
}
