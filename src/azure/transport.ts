import { VERSION } from '../api/version.ts';
import { ContainerServiceClient } from '@azure/arm-containerservice';
import {
  bearerTokenAuthenticationPolicyName,
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineRequest,
  type HttpMethods,
  type PipelinePolicy,
  type PipelineRequest,
} from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import type { Cloud } from './clouds.ts';
import { deadlinePolicy } from './deadline-policy.ts';
import { tlsOptionsFor } from './tls-options.ts';

/** One call to ARM, as text; nothing is read into a model that could drop what it does not know. */
export interface ArmRequest {
  readonly method: HttpMethods;
  /** A path below the endpoint without api-version, or an absolute URL that ARM gave. */
  readonly target: string;
  readonly apiVersion?: string;
  readonly body?: string;
  readonly ifMatch?: string;
  /** Asked when everything else is done and the request is about to go out; to throw keeps it back. */
  readonly mayLeave?: () => void;
  readonly signal?: AbortSignal;
}

export interface ArmResponse {
  readonly status: number;
  readonly text: string;
  header(name: string): string | undefined;
}

/** Sends one request once: no retry, no polling. Rejects when no answer came. */
export interface ArmTransport {
  send(request: ArmRequest): Promise<ArmResponse>;
  /** The SDK's typed client for a subscription, over the same connections and tokens. */
  sdk(subscriptionId: string): ContainerServiceClient;
}

export interface TransportOptions {
  readonly cloud: Cloud;
  readonly credential: TokenCredential;
  readonly apiVersion: string;
  /** PEM certificates trusted besides the system's. */
  readonly ca?: readonly string[];
  /** A call that takes longer is given up, in ms; signing in counts. */
  readonly timeoutMs: number;
}

/** ARM over the pipeline of the SDK's own client: its tokens, proxies, user agent and log redaction, without its retries. */
export function createTransport(options: TransportOptions): ArmTransport {
  const { cloud, credential, apiVersion } = options;
  const httpClient = createDefaultHttpClient();
  const clientOptions = {
    endpoint: cloud.endpoint,
    apiVersion,
    credentials: { scopes: [cloud.scope] },
    // A PUT that is sent again by a library replaces nodes that nobody asked to replace.
    retryOptions: { maxRetries: 0 },
    // Nor does ARM send anybody elsewhere.
    redirectOptions: { maxRetries: 0 },
    userAgentOptions: { userAgentPrefix: `aks-ca-trust/${VERSION}` },
    httpClient,
    ...tlsOptionsFor(options.ca),
  };
  const guards = new WeakMap<PipelineRequest, () => void>();
  const guardPolicy: PipelinePolicy = {
    name: 'mayLeave',
    sendRequest(request, next) {
      guards.get(request)?.();
      return next(request);
    },
  };
  const client = withDeadline(new ContainerServiceClient(credential, clientOptions));

  function withDeadline(made: ContainerServiceClient): ContainerServiceClient {
    made.pipeline.addPolicy(deadlinePolicy(options.timeoutMs), {
      beforePolicies: [bearerTokenAuthenticationPolicyName],
    });
    // Behind the one that signs in, which may have waited for a token.
    made.pipeline.addPolicy(guardPolicy, { afterPhase: 'Sign' });
    return made;
  }

  return {
    async send(request) {
      const url = new URL(request.target, cloud.endpoint);
      if (url.origin !== new URL(cloud.endpoint).origin)
        throw new Error(`ARM named an address outside of ${cloud.endpoint}`);
      if (!url.searchParams.has('api-version')) url.searchParams.set('api-version', request.apiVersion ?? apiVersion);
      const headers = createHttpHeaders({ accept: 'application/json' });
      if (request.body !== undefined) headers.set('content-type', 'application/json');
      if (request.ifMatch !== undefined) headers.set('if-match', request.ifMatch);
      const sent = createPipelineRequest({
        url: url.href,
        method: request.method,
        headers,
        ...(request.body === undefined ? {} : { body: request.body }),
        ...(request.signal ? { abortSignal: request.signal } : {}),
      });
      if (request.mayLeave) guards.set(sent, request.mayLeave);
      const response = await client.pipeline.sendRequest(httpClient, sent);
      return {
        status: response.status,
        text: response.bodyAsText ?? '',
        header: (name) => response.headers.get(name),
      };
    },
    sdk: (subscriptionId) => withDeadline(new ContainerServiceClient(credential, subscriptionId, clientOptions)),
  };
}
