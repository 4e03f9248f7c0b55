import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { CustomObjectsApi, KubeConfig, KubernetesObjectApi, PatchStrategy, Watch } from '@kubernetes/client-node';
import type { KubernetesObject } from '@kubernetes/client-node';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { entry, isReady, listed, fingerprints, roots, SEES_NODES, startRig, type Rig } from './rig.ts';

const KIND = { group: 'aks-ca-trust.dev', version: 'v1alpha1', plural: 'customcatrusts' };

describe('a program of a user’s, through the client library of Kubernetes', () => {
  let rig: Rig;
  let config: KubeConfig;
  beforeAll(async () => {
    rig = await startRig();
    config = new KubeConfig();
    config.loadFromString(rig.plane.config.kubeconfigYaml);
  }, 180_000);
  afterEach(() => rig.cleanUp());
  afterAll(() => rig.stop());

  /** Resolves with the object as soon as a watch brings it as wanted. */
  async function watched(name: string, wanted: (object: CustomCATrust) => boolean): Promise<CustomCATrust> {
    const found = Promise.withResolvers<CustomCATrust>();
    const path = `/apis/${KIND.group}/${KIND.version}/namespaces/${rig.namespace}/${KIND.plural}`;
    const controller = await new Watch(config).watch(
      path,
      { fieldSelector: `metadata.name=${name}` },
      (_phase, object: CustomCATrust) => wanted(object) && found.resolve(object),
      (error: unknown) => found.reject(error instanceof Error ? error : new Error('the watch ended')),
    );
    try {
      return await found.promise;
    } finally {
      found.promise.catch(() => {});
      controller.abort();
    }
  }

  it('makes an object, watches it until it is Ready, edits it by server-side apply, lists and deletes it', async () => {
    const cluster = await rig.addCluster({ nodes: true });
    await rig.startController();
    const objects = KubernetesObjectApi.makeApiClient(config);
    const manifest = (...certificates: string[]) =>
      ({
        apiVersion: `${KIND.group}/${KIND.version}`,
        kind: 'CustomCATrust',
        metadata: { name: 'program', namespace: rig.namespace },
        spec: {
          target: { ...SEES_NODES, resourceId: cluster.resourceId },
          certificates: [entry('a', ...certificates)],
          settleSeconds: 0,
          deletionPolicy: 'Remove',
        },
      }) as KubernetesObject;
    const apply = (object: KubernetesObject) =>
      objects.patch(object, undefined, undefined, 'user-program', true, PatchStrategy.ServerSideApply);

    await objects.create(manifest(...roots(0)));
    const ready = await watched('program', isReady);
    expect(ready.status?.certificateCount?.summary).toBe('1/1');

    await apply(manifest(...roots(0, 1)));
    await watched('program', (object) => object.metadata.generation === 2 && isReady(object));
    expect(listed(cluster)).toEqual(fingerprints(0, 1));

    const list = (await config
      .makeApiClient(CustomObjectsApi)
      .listNamespacedCustomObject({ ...KIND, namespace: rig.namespace })) as { items: CustomCATrust[] };
    expect(list.items.map(({ metadata }) => metadata.name)).toEqual(['program']);

    await objects.delete(manifest());
    await rig.untilGone('program');
    expect(listed(cluster)).toEqual([]);
  }, 60_000);
});
