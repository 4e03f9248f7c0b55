import type { ApiServer } from './api-server.ts';
import type { Run } from './run.ts';
import { until } from './until.ts';

/** An application on one node of the target, and the budget that does not allow its eviction. */
export interface Workload {
  readonly node: string;
  /** As people name it: namespace/name. */
  readonly budget: string;
  readonly pod: string;
  /** Makes room in the budget. */
  makeRoom(): Promise<void>;
}

const NAMESPACE = 'default';
const NAME = 'shop';
const LABELS = { app: NAME };

interface Pod {
  readonly metadata: { readonly name: string };
  readonly status?: { readonly phase?: string };
}

/** Deploys it to a node, guarded by a PodDisruptionBudget that allows no eviction; the real controllers do the rest. */
export async function deployGuarded({ signal }: Run, target: ApiServer, node: string): Promise<Workload> {
  await target.apply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: NAME, namespace: NAMESPACE },
    spec: {
      replicas: 1,
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS },
        spec: {
          nodeSelector: { 'kubernetes.io/hostname': node },
          containers: [{ name: NAME, image: 'images.example.com/shop' }],
        },
      },
    },
  });
  await allow(target, 0);
  const pod = await until(
    `the pod of ${NAME} runs`,
    async () => {
      const path = `/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=app%3D${NAME}`;
      const { items } = (await target.get(path)) as { items: readonly Pod[] };
      return items.find(({ status }) => status?.phase === 'Running')?.metadata.name;
    },
    { signal },
  );
  return {
    node,
    budget: `${NAMESPACE}/${NAME}`,
    pod: `${NAMESPACE}/${pod}`,
    makeRoom: async () => void (await allow(target, 1)),
  };
}

function allow(target: ApiServer, maxUnavailable: number): Promise<unknown> {
  return target.apply({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: NAME, namespace: NAMESPACE },
    spec: { maxUnavailable, selector: { matchLabels: LABELS } },
  });
}
