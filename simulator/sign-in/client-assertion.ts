import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import type { JSONWebKeySet, JWTPayload } from 'jose';
import type { DirectoryClient, FederatedCredential } from './directory.ts';

/** The assertion is accepted, or what Microsoft Entra ID says about it. */
export type AssertionVerdict =
  { readonly ok: true } | { readonly ok: false; readonly code: number; readonly message: string };

const DEFAULT_AUDIENCE = 'api://AzureADTokenExchange';

/** Checks a client assertion (a token of another issuer) against the client's federated credentials: issuer, subject, audience, signature and times. */
export async function verifyAssertion(
  assertion: string,
  client: DirectoryClient,
  now: number,
): Promise<AssertionVerdict> {
  let claims: JWTPayload;
  try {
    claims = decodeJwt(assertion);
  } catch {
    return { ok: false, code: 50027, message: 'JWT token is invalid or malformed.' };
  }
  const audiences = [claims.aud ?? []].flat();
  const credential = client.federated.find(
    (c) => c.issuer === claims.iss && c.subject === claims.sub && audiences.includes(c.audience ?? DEFAULT_AUDIENCE),
  );
  if (credential === undefined) {
    return {
      ok: false,
      code: 70021,
      message:
        'No matching federated identity record found for presented assertion. ' +
        `Assertion Issuer: '${claims.iss ?? ''}'. Assertion Subject: '${claims.sub ?? ''}'. Assertion Audience: '${audiences.join(',')}'.`,
    };
  }
  try {
    await jwtVerify(assertion, createLocalJWKSet(keySet(credential)), {
      currentDate: new Date(now),
      requiredClaims: ['exp'],
    });
    return { ok: true };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      code: 700024,
      message: `Client assertion is not within its valid time range or its signature is not valid (${reason}).`,
    };
  }
}

function keySet({ keys }: FederatedCredential): JSONWebKeySet {
  return 'keys' in keys ? keys : { keys: [keys] };
}
