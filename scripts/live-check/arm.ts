import { parseClusterId, wirePath, type ClusterId } from '../../src/api/resource-id.ts';
import { readErrorBody } from '../../src/azure/error-body.ts';
import { readRetryAfter } from '../../src/azure/retry-after.ts';
import type { ArmRequest, ArmResponse, ArmTransport } from '../../src/azure/transport.ts';

/** One request and its answer, as far as they are reported. */
export interface Exchange {
  readonly what: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Code and message of a refusal. */
  readonly error?: string;
  /** The whole answer; never reported. */
  readonly text: string;
}

export interface Pool {
  readonly name: string;
  readonly provisioningState?: string;
  readonly powerState?: { readonly code?: string };
  readonly eTag?: string;
}

/** The members of a managed cluster that are asked about. */
export interface Model {
  readonly eTag?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly properties: {
    readonly provisioningState?: string;
    readonly powerState?: { readonly code?: string };
    readonly nodeResourceGroup?: string;
    readonly agentPoolProfiles?: readonly Pool[];
    readonly securityProfile?: { readonly customCATrustCertificates?: readonly string[] | null } | null;
  };
}

const REPORTED = [
  'azure-asyncoperation',
  'location',
  'retry-after',
  'etag',
  'x-ms-ratelimit-remaining-subscription-writes',
];

/** How often a read in a row may stay without an answer. */
const MOST_LOST = 10;

/** Requests about one cluster, each noted. */
export interface Arm {
  get(below?: string): Promise<Exchange>;
  read(): Promise<{ readonly text: string; readonly model: Model }>;
  /** The cluster as a LIST of its resource group has it, on the first page. */
  listed(): Promise<{ readonly exchange: Exchange; readonly model: Model | undefined }>;
  put(what: string, body: string, ifMatch?: string): Promise<Exchange>;
  post(action: string): Promise<Exchange>;
  /** The status of an operation at a URL that ARM gave. */
  status(url: string): Promise<Exchange>;
}

export interface ArmOptions {
  readonly transport: ArmTransport;
  readonly id: ClusterId;
  readonly note: (exchange: Exchange) => void;
  readonly wait: (ms: number) => Promise<void>;
  readonly now: () => number;
  /** Before the next try where an answer does not say how long, in ms. */
  readonly pollMs: number;
}

export function createArm({ transport, id, note, wait, now, pollMs }: ArmOptions): Arm {
  const path = wirePath(id);

  /** Sends again what was throttled, and a read without an answer; a write may have been received, and is sent once. */
  async function send(what: string, request: ArmRequest): Promise<Exchange> {
    for (let failed = 0; ;) {
      const exchange = await sendOnce(what, request);
      note(exchange);
      const { status, headers } = exchange;
      const lost = request.method === 'GET' && (status === 0 || status >= 500);
      if (lost && ++failed > MOST_LOST) return exchange;
      if (!lost && status !== 429) return exchange;
      await wait(readRetryAfter(headers['retry-after'], now()) ?? pollMs);
    }
  }

  /** Status 0: no answer came. */
  async function sendOnce(what: string, request: ArmRequest): Promise<Exchange> {
    try {
      return exchangeOf(what, await transport.send(request));
    } catch (error) {
      return { what, status: 0, headers: {}, text: '', error: error instanceof Error ? error.message : String(error) };
    }
  }

  return {
    get: (below = '') => send(`GET cluster${below}`, { method: 'GET', target: `${path}${below}` }),
    async read() {
      const { text, status, error } = await send('GET cluster', { method: 'GET', target: path });
      if (status !== 200) throw new Error(`The cluster cannot be read: HTTP ${status}, ${error ?? 'no words'}`);
      return { text, model: JSON.parse(text) as Model };
    },
    async listed() {
      const exchange = await send('LIST clusters', { method: 'GET', target: path.slice(0, path.lastIndexOf('/')) });
      const { value = [] } = JSON.parse(exchange.text || '{}') as { value?: (Model & { id: string })[] };
      return { exchange, model: value.find((cluster) => parseClusterId(cluster.id)?.key === id.key) };
    },
    put: (what, body, ifMatch) =>
      send(`PUT cluster: ${what}`, {
        method: 'PUT',
        target: path,
        body,
        ...(ifMatch === undefined ? {} : { ifMatch }),
      }),
    post: (action) => send(`POST ${action}`, { method: 'POST', target: `${path}/${action}` }),
    status: (url) => send('GET operation', { method: 'GET', target: url }),
  };
}

function exchangeOf(what: string, response: ArmResponse): Exchange {
  const { status, text } = response;
  const headers = Object.fromEntries(
    REPORTED.flatMap((name) => {
      const value = response.header(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  if (status < 400) return { what, status, headers, text };
  const { code, message } = readErrorBody(status, text);
  return { what, status, headers, text, error: `${code}: ${message}` };
}

/** The body of a write with another list; undefined leaves the member out. */
export function withList(text: string, list: readonly string[] | null | undefined): string {
  const model = JSON.parse(text) as { properties: { securityProfile?: Record<string, unknown> | null } };
  const { customCATrustCertificates: _, ...others } = model.properties.securityProfile ?? {};
  model.properties.securityProfile = list === undefined ? others : { ...others, customCATrustCertificates: list };
  return JSON.stringify(model);
}

export function listOf({ properties }: Model): readonly string[] | null | undefined {
  return properties.securityProfile?.customCATrustCertificates;
}
