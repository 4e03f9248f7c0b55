import type { SimulatedCluster } from '../../simulator/index.ts';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { KubernetesError } from '../../src/kubernetes/client/connection.ts';
import type { Random } from '../simulation/random.ts';
import { OURS } from './foreign-things.ts';
import { NODES_SECRET, type Ground } from './ground.ts';
import { History } from './history.ts';

export interface UserOptions {
  readonly ground: Ground;
  readonly clusters: readonly SimulatedCluster[];
  /** Clusters whose nodes are to be watched. */
  readonly withNodes: ReadonlySet<SimulatedCluster>;
  readonly random: Random;
}

/** Somebody who makes, edits and deletes objects of several clusters, one after the other, as a seed says. */
export interface SeededUser {
  /** By cluster. */
  readonly histories: ReadonlyMap<SimulatedCluster, History>;
  /** How often what was done, for people. */
  readonly deeds: ReadonlyMap<string, number>;
  /** Does one thing, and resolves when the API server has taken it. */
  act(): Promise<string>;
  /** Goes on until told to stop; then resolves when the last thing is done. */
  keepActing(until: AbortSignal): Promise<void>;
  /** Resolves when something of this kind was done next. */
  next(deed: string): Promise<void>;
}

const MOST_OBJECTS = 3;

export function createUser({ ground, clusters, withNodes, random }: UserOptions): SeededUser {
  const { admin, namespace } = ground;
  const histories = new Map(clusters.map((cluster) => [cluster, new History()]));
  const deeds = new Map<string, number>();
  const waiting = new Map<string, PromiseWithResolvers<void>>();
  const path = `/apis/aks-ca-trust.dev/v1alpha1/namespaces/${namespace}/customcatrusts`;
  let made = 0;

  const chosen = () => OURS.filter(() => random.chance(0.25));
  const entries = (certificates: typeof OURS) =>
    certificates.map(({ pem }, index) => ({ name: `ca-${index}`, pem: random.chance(0.2) ? `# root\r\n${pem}` : pem }));

  async function create(cluster: SimulatedCluster, history: History): Promise<void> {
    const certificates = chosen();
    const name = `t-${++made}`;
    const spec: CustomCATrust['spec'] = {
      target: {
        resourceId: random.chance(0.2) ? cluster.resourceId.toUpperCase() : cluster.resourceId,
        ...(withNodes.has(cluster) ? { nodeAccess: { kubeconfigSecretRef: { name: NODES_SECRET } } } : {}),
      },
      certificates: entries(certificates),
      allowEmpty: true,
      settleSeconds: random.chance(0.2) ? 1 : 0,
      deletionPolicy: random.pick(['Retain', 'Remove', 'Remove']),
    };
    const object = { apiVersion: 'aks-ca-trust.dev/v1alpha1', kind: 'CustomCATrust', metadata: { name }, spec };
    await admin.request({ method: 'POST', path, body: object });
    history.names(name, fingerprintsOf(certificates));
  }

  async function edit(history: History): Promise<void> {
    const name = random.pick(history.present);
    const certificates = chosen();
    await patch(name, { certificates: entries(certificates) });
    history.names(name, fingerprintsOf(certificates));
  }

  async function remove(history: History): Promise<void> {
    const name = random.pick(history.present);
    const answer = (await admin.request({ method: 'DELETE', path: `${path}/${name}` })) as Partial<CustomCATrust>;
    // One that no controller has seen yet has no finaliser, is gone at once, and nothing of it is anywhere.
    const policy = answer.kind === 'CustomCATrust' ? (answer.spec?.deletionPolicy ?? 'Retain') : 'Remove';
    history.goes(name, policy);
  }

  /** Lets go of an object that waits for its certificates to leave. */
  async function relent(history: History): Promise<void> {
    const name = random.pick(history.removing);
    try {
      await patch(name, { deletionPolicy: 'Retain' });
    } catch (error) {
      if (error instanceof KubernetesError && error.status === 404) return;
      throw error;
    }
    history.goes(name, 'Retain');
  }

  function patch(name: string, spec: Partial<CustomCATrust['spec']>): Promise<unknown> {
    const contentType = 'application/merge-patch+json';
    return admin.request({ method: 'PATCH', path: `${path}/${name}`, contentType, body: { spec } });
  }

  async function act(): Promise<string> {
    const [, history] = random.pick([...histories]);
    const cluster = [...histories].find(([, one]) => one === history)![0];
    const deed = history.present.length === 0 ? 'Create' : choose(history);
    switch (deed) {
      case 'Create':
        await create(cluster, history);
        break;
      case 'Edit':
        await edit(history);
        break;
      case 'Delete':
        await remove(history);
        break;
      case 'Relent':
        await relent(history);
        break;
    }
    deeds.set(deed, (deeds.get(deed) ?? 0) + 1);
    waiting.get(deed)?.resolve();
    waiting.delete(deed);
    return deed;
  }

  function choose(history: History): 'Create' | 'Edit' | 'Delete' | 'Relent' {
    return random.weighted([
      [history.present.length < MOST_OBJECTS ? 3 : 0, 'Create'],
      [5, 'Edit'],
      [2.5, 'Delete'],
      [history.removing.length > 0 ? 0.5 : 0, 'Relent'],
    ]);
  }

  return {
    histories,
    deeds,
    act,
    async keepActing(until) {
      while (!until.aborted) {
        await act();
        await new Promise((resolve) => setTimeout(resolve, random.between(20, 200)));
      }
    },
    next(deed) {
      const waiter = waiting.get(deed) ?? Promise.withResolvers<void>();
      waiting.set(deed, waiter);
      return waiter.promise;
    },
  };
}

function fingerprintsOf(certificates: typeof OURS): string[] {
  return certificates.map(({ fingerprint }) => fingerprint);
}
