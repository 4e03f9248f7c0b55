import type { Credentials } from '../../src/kubernetes/auth/types.ts';
import type { Connection } from '../../src/kubernetes/client/connection.ts';
import type { Aks, Node } from './aks.ts';
import type { ClusterCA } from './cluster-ca.ts';
import { POOL } from '../rules/certificates.ts';
import type { Process } from './process.ts';
import { diesBefore, never, strike } from './strike.ts';
import { nodesHaving, openNodeStream, rowOf } from './target-stream.ts';
import type { World } from './world.ts';

/** Name of the Secret with a cluster's kubeconfig. */
export function kubeconfigSecret(cluster: string): string {
  return `nodes-${cluster}`;
}

/** A kubeconfig in base64, with the token of a service account, or with the one that ARM returns. */
export function kubeconfigOf(cluster: string, caPem = POOL[0]!.pem, token = 'abc'): string {
  const ca = btoa(caPem);
  return btoa(
    [
      'apiVersion: v1',
      'kind: Config',
      'current-context: it',
      `clusters: [{name: it, cluster: {server: "https://${cluster}.example", certificate-authority-data: ${ca}}}]`,
      `users: [{name: it, user: {token: ${token}}}]`,
      'contexts: [{name: it, context: {cluster: it, user: it}}]',
    ].join('\n'),
  );
}

function listAnswer(version: number) {
  return {
    metadata: { resourceVersion: String(version) },
    columnDefinitions: [{ name: 'Name' }, { name: 'Status' }],
  };
}

/** The static token that ARM returns while a CA is in place. */
export function tokenOf({ fingerprint }: ClusterCA): string {
  return `static-${fingerprint.slice(0, 16)}`;
}

/** Why a cluster whose CA can be rotated takes no request with these credentials; undefined where it does. */
function distrusts(
  { ca, isAway }: Aks,
  { caPem, token }: Pick<Credentials, 'caPem' | 'token'>,
): readonly [status: number, code: string] | undefined {
  if (!ca) return undefined;
  if (isAway) return [0, 'ECONNREFUSED'];
  if (caPem?.trim() !== ca.pem.trim()) return [0, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'];
  return token === 'abc' || token === tokenOf(ca) ? undefined : [401, 'Unauthorized'];
}

/** A process's way to the API server of a target cluster: its nodes. */
export function createTargetConnection(
  world: World,
  process: Process,
  credentials: Pick<Credentials, 'server' | 'caPem' | 'token'>,
): Connection {
  const { server } = credentials;
  const { scheduler, random, subject } = world;
  const aks = world.aks.find(({ options }) => server === `https://${options.name}.example`);
  if (!aks) throw new Error(`no cluster has ${server}`);
  let lastResponseDate: number | undefined;
  /** What each list had; its place is the version from which a watch goes on. */
  const lists: (readonly Node[])[] = [];
  return {
    server,
    request({ path, signal }) {
      if (!process.alive || diesBefore(world, process, false)) return never();
      const about = path.endsWith('/nodes') ? 'nodes' : /\/configmaps\/|\/jwks$/.test(path) ? 'missing' : 'others';
      const bent = world.lasting?.nodes?.(aks, process);
      world.count('NodeList', aks.key);
      return new Promise((resolve, reject) => {
        const abort = () => reject(signal?.reason as Error);
        signal?.addEventListener('abort', abort);
        if (bent?.kind === 'Dead') return;
        const unreadable = random.chance(world.weather.nodes.unreadable);
        const slow = random.chance(world.weather.api.slow);
        scheduler.after(bent?.kind === 'Slow' ? bent.ms : random.between(5, slow ? 4000 : 60), () => {
          const { clockOffset } = aks.options;
          const { nodes } = aks;
          if (about === 'nodes') process.noteNodes(aks.key, nodesHaving(aks));
          const listed = about === 'nodes' ? nodes : [];
          const answer = {
            ...listAnswer(lists.push(listed)),
            rows: listed.map((node) => (bent?.kind === 'Lies' ? bent.rowOf(node, scheduler.now) : rowOf(node))),
          };
          const date = Math.floor((scheduler.now + clockOffset) / 1000) * 1000;
          scheduler.after(
            random.between(5, slow ? 4000 : 60),
            () => {
              signal?.removeEventListener('abort', abort);
              if (bent?.kind === 'Refused') {
                const { status, reason, message } = bent;
                reject(new subject.KubernetesError(status, reason, `GET ${path}: ${status} ${reason}: ${message}`));
                return;
              }
              if (unreadable || !aks.exists) {
                reject(new subject.KubernetesError(0, 'ETIMEDOUT', `GET ${path}: no answer`));
                return;
              }
              const refusal = distrusts(aks, credentials);
              if (refusal) {
                const [status, code] = refusal;
                reject(new subject.KubernetesError(status, code, `GET ${path}: ${code}`));
                return;
              }
              lastResponseDate = date;
              if (about === 'missing') {
                reject(new subject.KubernetesError(404, 'NotFound', `GET ${path}: not found`));
                return;
              }
              const metadata = {
                ...answer.metadata,
                ...(bent?.kind === 'Endless' ? { continue: `page-${lists.length}` } : {}),
              };
              resolve(about === 'nodes' ? { ...answer, metadata } : { metadata, items: [] });
            },
            process,
          );
        });
        strike(world, process, false);
      });
    },
    stream({ path, query, signal }) {
      if (!process.alive || diesBefore(world, process, false)) return never();
      return new Promise((resolve, reject) => {
        scheduler.after(
          random.between(5, 60),
          () => {
            const broken = new subject.KubernetesError(0, 'ECONNRESET', `watch of ${path}`);
            const bent = world.lasting?.nodes?.(aks, process);
            if (signal?.aborted || !aks.exists || (bent && bent.kind !== 'Slow')) return reject(broken);
            if (distrusts(aks, credentials)) return reject(broken);
            // Of events there are none.
            const before = path.endsWith('/nodes') ? lists[Number(query?.['resourceVersion']) - 1] : undefined;
            if (!before) return reject(broken);
            return resolve(openNodeStream(world, process, aks, before, signal));
          },
          process,
        );
        strike(world, process, false);
      });
    },
    close: () => Promise.resolve(),
    get lastResponseDate() {
      return lastResponseDate;
    },
  };
}
