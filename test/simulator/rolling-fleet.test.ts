import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { startSimulator, trustStoreFiles } from '../../simulator/index.ts';
import type { ClusterSeed, SimulatedCluster, Simulator } from '../../simulator/index.ts';
import { eventually } from '../eventually.ts';
import { makeElements } from './certificates.ts';
import type { Element } from './certificates.ts';
import { watchNodes } from './node-watch.ts';
import { labelOfNodes } from './target.ts';
import type { NodeObject } from './target.ts';
import { isReady, START_LIMIT, startWorkloadTarget } from './workload-target.ts';
import type { WorkloadTarget } from './workload-target.ts';

let target: WorkloadTarget;
let simulator: Simulator;
let elements: Element[];

beforeAll(async () => {
  target = await startWorkloadTarget();
  simulator = await startSimulator({ speed: 100, nodeSeconds: 60, readyTimeoutSeconds: 300 });
  elements = await makeElements(1);
}, START_LIMIT);
afterEach(async () => {
  for (const cluster of simulator.clusters()) await cluster.delete();
}, 30_000);
afterAll(async () => {
  await simulator.stop();
  await target.stop();
}, 30_000);

async function addCluster(seed: Partial<ClusterSeed>): Promise<{ cluster: SimulatedCluster; group: string }> {
  const name = `fleet-${randomUUID().slice(0, 8)}`;
  const cluster = simulator.addCluster({ name, kubeconfig: target.access, kubelets: true, ...seed });
  await cluster.ready();
  return { cluster, group: labelOfNodes(cluster) };
}

async function nodes(group: string): Promise<NodeObject[]> {
  return target.list<NodeObject>(`/api/v1/nodes?labelSelector=kubernetes.azure.com%2Fcluster%3D${group}`);
}

const withList = (cluster: SimulatedCluster) =>
  cluster.nodes().filter(({ fingerprints }) => fingerprints.includes(elements[0]!.fingerprint));

describe('an autoscaler', () => {
  it('whose machine was made before the change has its node replaced in the same operation, though it registers later', async () => {
    const { cluster, group } = await addCluster({
      pools: [{ name: 'system', count: 2, autoscaling: { minCount: 1, maxCount: 5 } }],
    });
    cluster.autoscale('system', 1);
    const [fresh] = cluster.nodes().filter(({ uid }) => uid === '');
    expect(fresh).toMatchObject({ phase: 'Starting', bornWith: [] });
    const watch = await watchNodes(target.access, group);
    cluster.changeList([elements[0]!.base64]);
    await cluster.idle();
    await watch.stop();
    expect(cluster.provisioningState).toBe('Succeeded');
    expect(watch.uids().get(fresh!.name)).toHaveLength(2);
    expect(withList(cluster)).toHaveLength(3);
  }, 30_000);

  it('adds nodes with the new list and takes others away in mid-operation', async () => {
    const { cluster, group } = await addCluster({ pools: [{ name: 'system', count: 3 }] });
    cluster.changeList([elements[0]!.base64]);
    await eventually(async () => cluster.nodes().some(({ phase }) => phase === 'Reimaging'));
    cluster.autoscale('system', -1);
    cluster.autoscale('system', 2);
    await cluster.idle();
    expect(cluster.provisioningState).toBe('Succeeded');
    expect(await nodes(group)).toHaveLength(4);
    expect(withList(cluster)).toHaveLength(4);
  }, 30_000);
});

describe('a spot pool', () => {
  it('is rolled without surge and without a drain, and survives machines that are taken away', async () => {
    const { cluster, group } = await addCluster({
      pools: [
        { name: 'system', count: 1 },
        { name: 'spot', count: 3, spot: true },
      ],
    });
    const before = await nodes(group);
    const spot = before.filter(({ metadata }) => metadata.labels['agentpool'] === 'spot');
    expect(spot.flatMap(({ spec }) => spec.taints ?? []).map(({ key }) => key)).toEqual(
      Array<string>(3).fill('kubernetes.azure.com/scalesetpriority'),
    );
    const web = await target.deploy(1, { 'kubernetes.azure.com/cluster': group, agentpool: 'system' });
    await web.allow(1);
    cluster.changeList([elements[0]!.base64]);
    const victim = await eventually(async () =>
      cluster.nodes().find(({ pool, phase }) => pool === 'spot' && phase === 'Reimaging'),
    );
    cluster.evictMachine('spot', victim.name);
    await cluster.idle();
    expect(cluster.provisioningState).toBe('Succeeded');
    const after = await nodes(group);
    expect(after.map(({ metadata }) => metadata.name)).not.toContain(victim.name);
    expect(after).toHaveLength(3);
    expect(withList(cluster)).toHaveLength(3);
    const digits = /-(\d{8})-/.exec(victim.name)![1]!;
    const said = (await target.events(`aks-spot-${digits}`)).map(({ reason }) => reason);
    expect(said).toContain('Cordon');
    expect(said).not.toContain('Drain');
    expect(said).not.toContain('Surge');
    await web.remove();
  }, 30_000);
});

describe('auto-provisioned and virtual nodes', () => {
  it('are left alone by the operation; the first are replaced later, one by one, under new names', async () => {
    const { cluster, group } = await addCluster({
      pools: [{ name: 'system', count: 1 }],
      autoProvisioned: { count: 2, driftSeconds: 300 },
      virtualNodes: 1,
    });
    const kinds = Object.groupBy(cluster.nodes(), ({ kind }) => kind);
    const virtual = kinds.virtual![0]!;
    const provisioned = kinds.autoProvisioned!.map(({ name }) => name);
    const label = (node: NodeObject) => node.metadata.labels['karpenter.sh/nodepool'];
    const before = await nodes(group);
    expect(before.filter((node) => label(node) === 'default').map(({ metadata }) => metadata.name)).toEqual(
      provisioned,
    );
    expect(before.find(({ metadata }) => metadata.labels['type'] === 'virtual-kubelet')!.metadata.uid).toBe(
      virtual.uid,
    );

    cluster.changeList([elements[0]!.base64]);
    await cluster.idle();
    expect(cluster.provisioningState).toBe('Succeeded');
    expect(withList(cluster).map(({ kind }) => kind)).toEqual(['pool']);

    const watch = await watchNodes(target.access, group);
    await cluster.driftOver();
    await watch.stop();
    const after = await nodes(group);
    expect({ fewest: watch.fewestReady(), most: watch.most(), left: after.length }).toEqual({
      fewest: 4,
      most: 5,
      left: 4,
    });
    expect(withList(cluster).map(({ kind }) => kind)).toEqual(['autoProvisioned', 'autoProvisioned', 'pool']);
    expect(after.map(({ metadata }) => metadata.name)).not.toEqual(expect.arrayContaining([provisioned[0]]));
    expect(cluster.nodes().find(({ kind }) => kind === 'virtual')!.uid).toBe(virtual.uid);
  }, 30_000);
});

describe('a node that is not ready', () => {
  it('says so in its Node object, and is tainted until it is ready again', async () => {
    const { cluster, group } = await addCluster({ pools: [{ name: 'system', count: 1 }] });
    const [{ name } = { name: '' }] = cluster.nodes();
    const state = async () => {
      const [node] = await nodes(group);
      return { ready: isReady(node!), taints: (node!.spec.taints ?? []).map(({ key }) => key) };
    };
    await cluster.setNodeReady(name, false);
    expect((await state()).ready).toBe(false);
    await eventually(async () => (await state()).taints.includes('node.kubernetes.io/not-ready'));
    await cluster.setNodeReady(name, true);
    await eventually(async () => (await state()).taints.length === 0);
    expect((await state()).ready).toBe(true);
  }, 30_000);

  it('in the time that AKS waits ends the operation, with the node as it is', async () => {
    const { cluster, group } = await addCluster({
      pools: [{ name: 'system', count: 2, maxSurge: 0, maxUnavailable: 1 }],
    });
    cluster.delayMachines();
    cluster.changeList([elements[0]!.base64]);
    const stuck = await eventually(async () => cluster.nodes().find(({ phase }) => phase === 'Starting'));
    await eventually(async () => (await nodes(group)).some((node) => !isReady(node)));
    await cluster.idle();
    expect(cluster.provisioningState).toBe('Failed');
    expect(cluster.model()).toMatchObject({
      properties: {
        status: { provisioningError: { code: 'NodesNotReady', message: `Nodes are not ready: ${stuck.name}` } },
      },
    });
    const after = await nodes(group);
    expect(after.filter((node) => !isReady(node)).map(({ metadata }) => metadata.name)).toEqual([stuck.name]);
  }, 40_000);
});

describe('a pod on a node', () => {
  const pods = '/api/v1/namespaces/default/pods';
  interface Container {
    readonly imageID: string;
    readonly state: {
      readonly waiting?: { reason: string; message: string };
      readonly terminated?: { exitCode: number; reason: string; message?: string };
    };
  }
  /** Makes a pod on a cluster's only node. Resolves to its container when that has come to rest. */
  async function run(cluster: SimulatedCluster, spec: object): Promise<Container> {
    const name = `pod-${randomUUID().slice(0, 8)}`;
    const body = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name },
      spec: { nodeName: cluster.nodes()[0]!.name, ...spec },
    };
    await target.send('POST', pods, body);
    return eventually(async () => {
      const pod = await target.send<{ status: { containerStatuses?: Container[] } }>('GET', `${pods}/${name}`);
      const container = pod.status.containerStatuses?.[0];
      return container?.state.waiting?.reason === 'ErrImagePull' ? undefined : container;
    });
  }

  it("gets an image from a registry of one's own only where the node was born with its authority", async () => {
    const registries = [{ host: 'images.example.com:5000', certificateAuthority: elements[0]!.pem }];
    const { cluster } = await addCluster({ pools: [{ name: 'system', count: 1 }], registries });
    const image = 'images.example.com:5000/team/app:1.2';
    const spec = { containers: [{ name: 'app', image }] };
    const before = await run(cluster, spec);
    expect(before.state.waiting).toEqual({
      reason: 'ImagePullBackOff',
      message: expect.stringContaining(
        'Head "https://images.example.com:5000/v2/team/app/manifests/1.2": tls: failed to verify certificate: x509: certificate signed by unknown authority',
      ),
    });
    expect(
      (await run(cluster, { containers: [{ name: 'app', image: 'docker.io/library/busybox' }] })).imageID,
    ).not.toBe('');
    cluster.setListSilently([elements[0]!.base64]);
    expect((await run(cluster, spec)).state.waiting?.reason).toBe('ImagePullBackOff');
    cluster.changeList([]);
    await cluster.idle();
    cluster.changeList([elements[0]!.base64]);
    await cluster.idle();
    expect(await run(cluster, spec)).toMatchObject({ imageID: image, state: { running: {} } });
  }, 30_000);

  it('that is not to be restarted ends as the test asks, and is shown what its node has', async () => {
    const seen: string[] = [];
    const { cluster } = await addCluster({
      pools: [{ name: 'system', count: 1, osSku: 'AzureLinux' }],
      customCATrustCertificates: [elements[0]!.base64],
      runPod: (pod, node) => {
        seen.push(pod.metadata.name);
        return {
          exitCode: 3,
          message: trustStoreFiles(node)
            .map(({ path, content }) => `${path}\n${content}`)
            .join(''),
        };
      },
    });
    const ended = await run(cluster, { restartPolicy: 'Never', containers: [{ name: 'check', image: 'check' }] });
    expect(ended.state.terminated).toMatchObject({
      exitCode: 3,
      reason: 'Error',
      message: `/usr/share/pki/ca-trust-source/anchors/aks-custom-00000000000000cert0.crt\n${elements[0]!.pem}`,
    });
    expect(seen).toHaveLength(1);
  }, 30_000);
});

describe('what the upgrader has said', () => {
  it('is forgotten after an hour of simulated time, or when the test asks for that', async () => {
    const fast = await startSimulator({ speed: 1000 });
    const cluster = fast.addCluster({
      name: `forgetful-${randomUUID().slice(0, 8)}`,
      kubeconfig: target.access,
      pools: [{ name: 'system', count: 1 }],
    });
    await cluster.ready();
    const about = cluster.nodes()[0]!.name.slice(0, -1);
    cluster.changeList([elements[0]!.base64]);
    await cluster.idle();
    expect(await target.events(about)).not.toEqual([]);
    await cluster.loseEvents();
    expect(await target.events(about)).toEqual([]);

    cluster.changeList([]);
    await cluster.idle();
    const ended = fast.clock.now();
    expect(await target.events(about)).not.toEqual([]);
    await eventually(async () => (await target.events(about)).length === 0);
    expect(fast.clock.now() - ended).toBeGreaterThan(3_500_000);
    await cluster.delete();
    await fast.stop();
  }, 30_000);
});
