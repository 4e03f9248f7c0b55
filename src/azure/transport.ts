import { VERSION } from '../api/version.ts';
import { ContainerServiceClient } from '@azure/arm-containerservice';
import {
  bearerTokenAuthenticationPolicyName,
  createHttpHeaders,
  createPipelineRequest,
  type HttpMethods,
  type PipelinePolicy,
  type PipelineRequest,
} from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import { createBoundedClient, MOST_ARM_BYTES, MOST_SDK_BYTES, type AnswerBudget } from './bounded-client.ts';
import type { Cloud } from './clouds.ts';
import { deadlinePolicies } from './deadline-policy.ts';
import { HeldBody } from './held-body.ts';
import { isRenewable, type RenewableCredential } from './renewable-credential.ts';
import { tlsOptionsFor } from './tls-options.ts';

/** One call to ARM, as text: a typed model could drop members that it does not know. */
export interface ArmRequest {
  readonly method: HttpMethods;
  /** A path below the endpoint without api-version, or an absolute URL that ARM gave. */
  readonly target: string;
  readonly apiVersion?: string;
  readonly body?: string;
  readonly ifMatch?: string;
  /** Called for a request with a body when the connection is up and the request is about to leave; it throws to keep it back. */
  readonly mayLeave?: (steps: SendSteps) => void;
  readonly signal?: AbortSignal;
}

/** Time that a request took to get ready, in ms. */
export interface SendSteps {
  readonly signInMs: number;
  readonly connectMs: number;
}

/** The request was not sent, because its `mayLeave` threw; `cause` is what it threw. */
export class KeptBackError extends Error {
  override readonly name = 'KeptBackError';
}

export interface ArmResponse {
  readonly status: number;
  readonly text: string;
  header(name: string): string | undefined;
}

/** Sends one request once: no retry, no polling. Rejects when no answer came, and with {@link KeptBackError}. */
export interface ArmTransport {
  send(request: ArmRequest): Promise<ArmResponse>;
  /** The SDK's typed client for a subscription, over the same connections and tokens. */
  sdk(subscriptionId: string): ContainerServiceClient;
  /** The token that requests are sent with. Absent where it is not known, or cannot be renewed. */
  readonly token?: {
    /** When it ends, in ms since the epoch; undefined before the first request. */
    endsAt(): number | undefined;
    /**
     * Gets another one, and sends all further requests with it.
     *
     * @returns when it ends, in ms since the epoch
     * @throws the error of the sign-in; requests are sent with the old one then
     */
    renew(): Promise<number>;
  };
}

export interface TransportOptions {
  readonly cloud: Cloud;
  /** One that is renewable makes the token so. */
  readonly credential: TokenCredential | RenewableCredential;
  readonly apiVersion: string;
  /** PEM certificates trusted besides the system's. */
  readonly ca?: readonly string[];
  /** Counts what is held of all answers together; absent: they are not counted. */
  readonly reads?: AnswerBudget;
  /** A call that takes longer is given up, in ms; signing in counts. */
  readonly timeoutMs: number;
}

/** ARM over the pipeline of the SDK's own client: its tokens, proxies, user agent and log redaction, without its retries. */
export function createTransport(options: TransportOptions): ArmTransport {
  const { cloud, credential, apiVersion } = options;
  const httpClient = createBoundedClient(MOST_ARM_BYTES, options.reads);
  const sdkHttpClient = createBoundedClient(MOST_SDK_BYTES, options.reads);
  const clientOptions = {
    endpoint: cloud.endpoint,
    apiVersion,
    credentials: { scopes: [cloud.scope] },
    // A PUT that a library sends again could replace nodes a second time.
    retryOptions: { maxRetries: 0 },
    // ARM never redirects.
    redirectOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: `aks-ca-trust/${VERSION}` },
    httpClient,
    ...tlsOptionsFor(options.ca),
  };
  const signedIn = new WeakMap<PipelineRequest, () => unknown>();
  const signedInPolicy: PipelinePolicy = {
    name: 'signedIn',
    sendRequest(request, next) {
      signedIn.get(request)?.();
      return next(request);
    },
  };
  let endsAt: number | undefined;
  const noted: TokenCredential = {
    async getToken(scopes, asked) {
      const token = await credential.getToken(scopes, asked);
      endsAt = token?.expiresOnTimestamp ?? endsAt;
      return token;
    },
  };
  // Each client keeps a token of its own.
  const makeClient = () => withDeadline(new ContainerServiceClient(noted, clientOptions));
  let client = makeClient();

  function withDeadline(made: ContainerServiceClient): ContainerServiceClient {
    const { before, after } = deadlinePolicies(options.timeoutMs);
    made.pipeline.addPolicy(before, { beforePolicies: [bearerTokenAuthenticationPolicyName] });
    made.pipeline.addPolicy(after, { afterPhase: 'Sign' });
    // After the policy that signs in, which may have waited for a token.
    made.pipeline.addPolicy(signedInPolicy, { afterPhase: 'Sign' });
    return made;
  }

  return {
    async send(request) {
      const url = new URL(request.target, cloud.endpoint);
      if (url.origin !== new URL(cloud.endpoint).origin)
        throw new Error(`ARM named an address outside of ${cloud.endpoint}`);
      if (!url.searchParams.has('api-version')) url.searchParams.set('api-version', request.apiVersion ?? apiVersion);
      const headers = createHttpHeaders({ accept: 'application/json' });
      if (request.body) headers.set('content-type', 'application/json');
      if (request.ifMatch !== undefined) headers.set('if-match', request.ifMatch);
      const held = holdBody(request);
      if (held) headers.set('content-length', held.body.byteLength);
      const body = held?.body ?? request.body;
      const sent = createPipelineRequest({
        url: url.href,
        method: request.method,
        headers,
        ...(body === undefined ? {} : { body }),
        ...(request.signal ? { abortSignal: request.signal } : {}),
      });
      if (held) signedIn.set(sent, held.onSignedIn);
      try {
        const response = await client.pipeline.sendRequest(httpClient, sent);
        return {
          status: response.status,
          text: response.bodyAsText ?? '',
          header: (name) => response.headers.get(name),
        };
      } catch (error) {
        throw held?.keptBack() ?? error;
      }
    },
    sdk: (subscriptionId) =>
      withDeadline(new ContainerServiceClient(noted, subscriptionId, { ...clientOptions, httpClient: sdkHttpClient })),
    ...(isRenewable(credential)
      ? {
          token: {
            endsAt: () => endsAt,
            async renew() {
              const { expiresOnTimestamp } = await credential.renew(cloud.scope);
              endsAt = expiresOnTimestamp;
              client = makeClient();
              return endsAt;
            },
          },
        }
      : {}),
  };
}

/** The body of a request with `mayLeave`; undefined for every other request. */
function holdBody({ body, mayLeave }: ArmRequest) {
  if (body === undefined || !mayLeave) return undefined;
  const startedAt = performance.now();
  let signedInAt = startedAt;
  let keptBack: KeptBackError | undefined;
  const held = new HeldBody(body, () => {
    try {
      mayLeave({ signInMs: signedInAt - startedAt, connectMs: performance.now() - signedInAt });
    } catch (cause) {
      keptBack = new KeptBackError(cause instanceof Error ? cause.message : String(cause), { cause });
      throw keptBack;
    }
  });
  return { body: held, onSignedIn: () => (signedInAt = performance.now()), keptBack: () => keptBack };
}
