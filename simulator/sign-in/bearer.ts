import { jwtVerify } from 'jose';
import type { SigningKey } from './signing-key.ts';

/** The sender of a request. */
export interface Caller {
  readonly clientId: string;
  readonly objectId: string;
}

export type TokenVerdict =
  | { readonly ok: true; readonly caller: Caller }
  | { readonly ok: false; readonly code: string; readonly message: string };

interface Verified {
  readonly expires: number;
  readonly verdict: TokenVerdict;
}

export interface BearerTokens {
  /** Signs a token for an audience; valid for `seconds` of real time. */
  issue(caller: Caller & { readonly groups?: readonly string[] }, audience: string, seconds: number): string;
  /** Checks an Authorization header: signature, audience, tenant and expiry. */
  verify(authorization: string | undefined): Promise<TokenVerdict>;
}

/** Audiences that Azure's clients ask for by default: see the scope option of the SDKs. */
const PUBLIC_ARM = ['https://management.azure.com', 'https://management.core.windows.net'];

export interface BearerSettings {
  readonly key: SigningKey;
  readonly tenantId: string;
  readonly issuer: () => string;
  readonly audience: () => string;
  /** Real milliseconds since 1970: clients count a token's life in real time. */
  readonly realNow: () => number;
}

export function makeBearerTokens({ key, tenantId, issuer, audience, realNow }: BearerSettings): BearerTokens {
  // Checking a signature costs more than all else a GET does; a token is checked once and its expiry every time.
  const verified = new Map<string, Verified>();

  async function check(token: string): Promise<Verified> {
    try {
      const { payload } = await jwtVerify(token, key.publicKey, {
        currentDate: new Date(realNow()),
        requiredClaims: ['exp', 'aud', 'tid', 'appid', 'oid'],
      });
      const audiences = [payload.aud ?? []].flat().map((value) => value.replace(/\/+$/, ''));
      if (payload['tid'] !== tenantId || payload.iss !== issuer()) {
        return refused(
          'InvalidAuthenticationTokenTenant',
          `The access token is from the wrong issuer '${payload.iss ?? ''}'. It must match the tenant '${issuer()}' associated with this subscription.`,
        );
      }
      if (!audiences.some((value) => value === audience() || PUBLIC_ARM.includes(value))) {
        return refused(
          'InvalidAuthenticationTokenAudience',
          `The access token has been obtained for wrong audience or resource '${audiences.join(',')}'. It should exactly match with one of the allowed audiences '${[audience(), ...PUBLIC_ARM].join("','")}'.`,
        );
      }
      const caller = { clientId: String(payload['appid']), objectId: String(payload['oid']) };
      return { expires: (payload.exp ?? 0) * 1000, verdict: { ok: true, caller } };
    } catch (error) {
      return (error as { code?: unknown }).code === 'ERR_JWT_EXPIRED'
        ? refused('ExpiredAuthenticationToken', 'The access token expiry UTC time is earlier than current UTC time.')
        : refused('InvalidAuthenticationToken', 'The access token is invalid.');
    }
  }

  return {
    issue(caller, aud, seconds) {
      const now = Math.floor(realNow() / 1000);
      return key.sign({
        aud,
        iss: issuer(),
        tid: tenantId,
        appid: caller.clientId,
        oid: caller.objectId,
        sub: caller.objectId,
        ...(caller.groups?.length ? { groups: caller.groups } : {}),
        ver: '1.0',
        iat: now,
        nbf: now,
        exp: now + seconds,
      });
    },
    async verify(authorization) {
      if (authorization === undefined) {
        return refused('AuthenticationFailed', "Authentication failed. The 'Authorization' header is missing.").verdict;
      }
      const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
      if (token === undefined) {
        return refused(
          'AuthenticationFailedInvalidHeader',
          "Authentication failed. The 'Authorization' header is provided in an invalid format.",
        ).verdict;
      }
      let found = verified.get(token);
      if (found === undefined || found.expires <= realNow()) {
        found = await check(token);
        if (verified.size > 1000) verified.clear();
        if (found.verdict.ok) verified.set(token, found);
      }
      return found.verdict;
    },
  };
}

function refused(code: string, message: string): Verified {
  return { expires: 0, verdict: { ok: false, code, message } };
}
