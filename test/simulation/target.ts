import type { Connection } from '../../src/kubernetes/connection.ts';
import { POOL } from './certificates.ts';
import type { Process } from './process.ts';
import { diesBefore, never, strike } from './strike.ts';
import type { World } from './world.ts';

/** Name of the Secret with a cluster's kubeconfig. */
export function kubeconfigSecret(cluster: string): string {
  return `nodes-${cluster}`;
}

export function kubeconfigOf(cluster: string): string {
  const ca = btoa(POOL[0]!.pem);
  return btoa(
    [
      'apiVersion: v1',
      'kind: Config',
      'current-context: it',
      `clusters: [{name: it, cluster: {server: "https://${cluster}.example", certificate-authority-data: ${ca}}}]`,
      'users: [{name: it, user: {token: abc}}]',
      'contexts: [{name: it, context: {cluster: it, user: it}}]',
    ].join('\n'),
  );
}

/** A process's way to the API server of a target cluster: its nodes. */
export function createTargetConnection(world: World, process: Process, server: string): Connection {
  const { scheduler, random, subject } = world;
  const aks = world.aks.find(({ options }) => server === `https://${options.name}.example`);
  if (!aks) throw new Error(`no cluster has ${server}`);
  let lastResponseDate: number | undefined;
  return {
    server,
    request({ path, signal }) {
      if (!process.alive || diesBefore(world, process, false)) return never();
      const about = path.endsWith('/nodes') ? 'nodes' : 'events';
      return new Promise((resolve, reject) => {
        const abort = () => reject(signal?.reason as Error);
        signal?.addEventListener('abort', abort);
        const unreadable = random.chance(world.weather.nodes.unreadable);
        const slow = random.chance(world.weather.api.slow);
        scheduler.after(random.between(5, slow ? 4000 : 60), () => {
          const { clockOffset } = aks.options;
          const list = (aks.list ?? []).join();
          const having = aks.nodes.filter((node) => node.list.join() === list).length;
          if (about === 'nodes') process.nodesHaving.set(aks.key, having);
          const rows = aks.nodes.map(({ name, uid, createdAt }) => ({
            cells: [name, 'Ready'],
            object: {
              metadata: {
                name,
                uid,
                creationTimestamp: new Date(createdAt).toISOString(),
                labels: { 'kubernetes.azure.com/agentpool': 'system' },
              },
            },
          }));
          const date = Math.floor((scheduler.now + clockOffset) / 1000) * 1000;
          scheduler.after(
            random.between(5, slow ? 4000 : 60),
            () => {
              signal?.removeEventListener('abort', abort);
              if (unreadable || !aks.exists) {
                reject(new subject.KubernetesError(0, 'ETIMEDOUT', `GET ${path}: no answer`));
                return;
              }
              lastResponseDate = date;
              resolve(
                about === 'nodes' ? { columnDefinitions: [{ name: 'Name' }, { name: 'Status' }], rows } : { rows: [] },
              );
            },
            process,
          );
        });
        strike(world, process, false);
      });
    },
    stream: () => Promise.reject(new Error('nobody watches nodes')),
    close: () => Promise.resolve(),
    get lastResponseDate() {
      return lastResponseDate;
    },
  };
}
