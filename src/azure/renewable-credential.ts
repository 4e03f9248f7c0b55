import type { AccessToken, TokenCredential } from '@azure/identity';

/** A credential that can get another token although it keeps one that is still valid. */
export interface RenewableCredential extends TokenCredential {
  /**
   * Signs in anew. Where that fails, what the credential keeps stays in use.
   *
   * @throws the error of the sign-in
   */
  renew(scope: string): Promise<AccessToken>;
}

/**
 * The library keeps tokens until shortly before they end and cannot be asked for another one, but a new credential keeps none.
 *
 * @param make makes the credential anew; nothing is sent until a token is asked for
 */
export async function createRenewableCredential(make: () => Promise<TokenCredential>): Promise<RenewableCredential> {
  let current = await make();
  return {
    getToken: (scopes, options) => current.getToken(scopes, options),
    async renew(scope) {
      const fresh = await make();
      const token = await fresh.getToken(scope);
      if (!token) throw new Error('no token could be got');
      current = fresh;
      return token;
    },
  };
}

/** True for a credential of {@link createRenewableCredential}. */
export function isRenewable(credential: TokenCredential): credential is RenewableCredential {
  return 'renew' in credential;
}
