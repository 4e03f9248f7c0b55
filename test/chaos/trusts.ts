import type { SimulatedCluster } from '../../simulator/index.ts';
import { API_VERSION, customCATrustPath } from '../../src/api/names.ts';
import { eventually } from '../eventually.ts';
import { OURS } from './foreign-things.ts';
import type { Ground } from './ground.ts';

/** Objects of one certificate each, deleted with Remove. */
export interface Trusts {
  /** Makes or changes one. The certificate is one of OURS, by its place. */
  put(name: string, cluster: SimulatedCluster, certificate: number): Promise<void>;
  /** Asks for its deletion. */
  remove(name: string): Promise<void>;
  /** Takes it away by force, without anybody's leave. */
  takeAway(name: string): Promise<void>;
  /** Resolves when every object that is left is Ready, and those that were removed are gone. */
  untilReady(limitMs?: number): Promise<void>;
  removeAll(): Promise<void>;
}

export function createTrusts(ground: Ground): Trusts {
  const { admin, namespace } = ground;
  const present = new Set<string>();
  const pathOf = (name: string) => customCATrustPath(namespace, name);

  async function takeAway(name: string): Promise<void> {
    const contentType = 'application/merge-patch+json';
    await admin.request({ method: 'PATCH', path: pathOf(name), contentType, body: { metadata: { finalizers: null } } });
    await admin.request({ method: 'DELETE', path: pathOf(name) });
    present.delete(name);
  }

  return {
    takeAway,
    async put(name, { resourceId }, certificate) {
      const body = {
        apiVersion: API_VERSION,
        kind: 'CustomCATrust',
        metadata: { name, namespace },
        spec: {
          target: { resourceId },
          certificates: [{ name: 'ca', pem: OURS[certificate]?.pem }],
          settleSeconds: 0,
          deletionPolicy: 'Remove',
        },
      };
      const query = { fieldManager: 'kubectl', force: 'true' };
      const contentType = 'application/apply-patch+yaml';
      await admin.request({ method: 'PATCH', path: pathOf(name), query, contentType, body });
      present.add(name);
    },
    async remove(name) {
      await admin.request({ method: 'DELETE', path: pathOf(name) });
      present.delete(name);
    },
    async untilReady(limitMs = 30_000) {
      await eventually(async () => {
        const found = await ground.trusts();
        return (
          found.length === present.size &&
          found.every(({ metadata, status }) => {
            const ready = status?.conditions?.find(({ type }) => type === 'Ready');
            return ready?.status === 'True' && ready.observedGeneration === metadata.generation;
          })
        );
      }, limitMs);
    },
    async removeAll() {
      for (const name of [...present]) await takeAway(name);
    },
  };
}
