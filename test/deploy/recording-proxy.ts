import type { IncomingMessage } from 'node:http';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeServingCertificate } from '../../simulator/http/certificates.ts';

/** One request, as the API server's authoriser sees it. */
export interface ApiRequest {
  readonly verb: string;
  /** Empty for the core group. */
  readonly group: string;
  /** With its subresource: `customcatrusts/status`. */
  readonly resource: string;
  /** HTTP status of the answer. */
  readonly status: number;
}

export interface RecordingProxy {
  readonly server: string;
  readonly caPem: string;
  readonly requests: readonly ApiRequest[];
  stop(): Promise<void>;
}

/**
 * Stands before an API server and notes what is asked of it. Credentials pass through.
 *
 * @param refuses requests that are answered with 422, as by an API server that does not know their parameters
 */
export async function startRecordingProxy(
  target: { server: string; caPem: string },
  refuses: (url: URL) => boolean = () => false,
): Promise<RecordingProxy> {
  const requests: ApiRequest[] = [];
  const { caPem, certPem, keyPem } = await makeServingCertificate(['127.0.0.1'], Date.now());
  const proxy = createServer({ cert: certPem, key: keyPem }, (incoming, outgoing) => {
    const { method, headers } = incoming;
    if (refuses(new URL(incoming.url ?? '/', target.server))) {
      outgoing.writeHead(422, { 'content-type': 'application/json' });
      outgoing.end(
        JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Invalid', code: 422 }),
      );
      return;
    }
    const options = { method, headers: { ...headers, host: new URL(target.server).host }, ca: target.caPem };
    const forwarded = request(new URL(incoming.url ?? '/', target.server), options, (answer) => {
      const status = answer.statusCode ?? 0;
      requests.push({ ...attributesOf(incoming), status });
      outgoing.writeHead(status, answer.headers);
      answer.pipe(outgoing);
      answer.on('error', () => outgoing.destroy());
    });
    outgoing.on('close', () => forwarded.destroy());
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    server: `https://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    caPem,
    requests,
    stop: () =>
      new Promise((resolve) => {
        proxy.close(() => resolve());
        proxy.closeAllConnections();
      }),
  };
}

const PATH =
  /^\/(?:api\/v1|apis\/(?<group>[^/]+)\/[^/]+)(?:\/namespaces\/[^/]+)?\/(?<resource>[^/]+)(?:\/(?<name>[^/]+))?(?:\/(?<subresource>.+))?$/;

/** kubernetes.io/docs/reference/access-authn-authz/authorization, "Determine the request verb". */
function attributesOf(incoming: IncomingMessage): Omit<ApiRequest, 'status'> {
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://proxy');
  const { group = '', resource = pathname, name, subresource } = PATH.exec(pathname.replace(/\/$/, ''))?.groups ?? {};
  const watch = searchParams.get('watch') === 'true' || searchParams.get('watch') === '1';
  const reading = watch ? 'watch' : name === undefined ? 'list' : 'get';
  const verbs: Readonly<Record<string, string>> = { GET: reading, POST: 'create', PUT: 'update', PATCH: 'patch' };
  const verb = verbs[incoming.method ?? ''] ?? (name === undefined ? 'deletecollection' : 'delete');
  return { verb, group, resource: subresource === undefined ? resource : `${resource}/${subresource}` };
}
