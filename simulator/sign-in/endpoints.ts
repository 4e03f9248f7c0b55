import type { Clock } from '../clock.ts';
import { faultAnswer } from '../fault-answer.ts';
import type { Faults } from '../faults.ts';
import { json } from '../http/answer.ts';
import type { Answer, Incoming } from '../http/answer.ts';
import type { Reply } from '../http/listener.ts';
import { verifyAssertion } from './client-assertion.ts';
import type { BearerTokens } from './bearer.ts';
import type { Directory, DirectoryClient } from './directory.ts';
import type { SigningKey } from './signing-key.ts';

export interface SignInSettings {
  readonly directory: Directory;
  readonly tokens: BearerTokens;
  readonly key: SigningKey;
  /** `https://host:port` of the listener. */
  readonly url: () => string;
  /** How long an access token lives, in real seconds. */
  readonly tokenSeconds: number;
  readonly realNow: () => number;
  readonly faults: Faults;
  readonly clock: Clock;
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** Answers a sign-in request: OpenID discovery, keys and the token endpoint of the tenant and of `/adfs`. Undefined when the path is none of them. */
export async function signIn(request: Incoming, settings: SignInSettings): Promise<Reply | undefined> {
  const { pathname } = request.url;
  const [, authority, version] = /^\/([^/]+)\/(v2\.0\/)?\.well-known\/openid-configuration$/.exec(pathname) ?? [];
  if (authority !== undefined) return discovery(authority, version === undefined ? '' : 'v2.0/', settings);
  if (/^\/[^/]+\/discovery\/(v2\.0\/)?keys$/.test(pathname)) return json(200, { keys: [settings.key.jwk] });
  const signInTo = /^\/([^/]+)\/oauth2\/(v2\.0\/)?token$/.exec(pathname)?.[1];
  if (signInTo === undefined || request.method !== 'POST') return undefined;
  const form = new URLSearchParams(request.body);
  const fault = settings.faults.take({
    operation: 'GetToken',
    method: request.method,
    resourceId: undefined,
    clientId: form.get('client_id') ?? '',
  });
  if (fault?.latencyMs !== undefined) await settings.clock.sleep(fault.latencyMs);
  if (fault?.resetBefore === true || fault?.resetAfter === true) return 'cut';
  if (fault?.silentBefore === true || fault?.silentAfter === true) return 'silence';
  return faultAnswer(fault) ?? (await token(signInTo, form, settings));
}

/** Access tokens are of the issuer that the discovery without a version names: API servers check them against its keys. */
function discovery(authority: string, version: '' | 'v2.0/', { url }: SignInSettings): Answer {
  const base = `${url()}/${authority}`;
  return json(200, {
    issuer: authority === 'adfs' ? base : version === '' ? `${base}/` : `${base}/v2.0`,
    authorization_endpoint: `${base}/oauth2/${version}authorize`,
    token_endpoint: `${base}/oauth2/${version}token`,
    jwks_uri: `${base}/discovery/${version}keys`,
    response_types_supported: ['code', 'id_token'],
    subject_types_supported: ['pairwise'],
    id_token_signing_alg_values_supported: ['ES256'],
  });
}

async function token(authority: string, form: URLSearchParams, settings: SignInSettings): Promise<Answer> {
  const { directory, tokens, tokenSeconds, realNow } = settings;
  if (authority !== 'adfs' && authority.toLowerCase() !== directory.tenantId) {
    return refused(400, 'invalid_request', 90002, `Tenant '${authority}' not found.`);
  }
  if (form.get('grant_type') !== 'client_credentials') {
    return refused(400, 'unsupported_grant_type', 70003, 'The app requested an unsupported grant type.');
  }
  const client = directory.find(form.get('client_id') ?? '');
  if (client === undefined) {
    return refused(
      400,
      'unauthorized_client',
      700016,
      `Application with identifier '${form.get('client_id') ?? ''}' was not found in the directory '${directory.tenantId}'.`,
    );
  }
  const proof = await proves(client, form, realNow());
  if (proof !== undefined) return proof;
  const audience = audienceOf(form);
  if (audience === undefined) {
    return refused(
      400,
      'invalid_scope',
      1002012,
      `The provided value for scope ${form.get('scope') ?? ''} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier.`,
    );
  }
  return json(200, {
    token_type: 'Bearer',
    expires_in: tokenSeconds,
    ext_expires_in: tokenSeconds,
    access_token: tokens.issue(client, audience, tokenSeconds),
  });
}

async function proves(client: DirectoryClient, form: URLSearchParams, now: number): Promise<Answer | undefined> {
  const assertion = form.get('client_assertion');
  if (assertion !== null && form.get('client_assertion_type') === ASSERTION_TYPE) {
    const verdict = await verifyAssertion(assertion, client, now);
    return verdict.ok ? undefined : refused(401, 'invalid_client', verdict.code, verdict.message);
  }
  if (form.get('client_secret') === client.clientSecret) return undefined;
  return refused(
    401,
    'invalid_client',
    7000215,
    `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${client.clientId}'.`,
  );
}

function audienceOf(form: URLSearchParams): string | undefined {
  const resource = form.get('resource');
  if (resource !== null) return resource;
  const scope = (form.get('scope') ?? '').split(' ').find((part) => part.endsWith('/.default'));
  return scope?.slice(0, -'/.default'.length);
}

function refused(status: number, error: string, code: number, message: string): Answer {
  return json(status, { error, error_description: `AADSTS${code}: ${message}`, error_codes: [code] });
}
