import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ClusterSeed } from '../../simulator/index.ts';
import type { CustomCATrust, CustomCATrustSpec } from '../../src/api/generated/customcatrusts.ts';
import { condition, entry, isReady, roots, SEES_NODES, startRig, type Rig } from './rig.ts';

jest.setTimeout(90_000);

const NAMESPACE = 'proofs';
const RULES = { verification: { namespace: NAMESPACE, trustStoreImage: 'tools:1' } };
let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
  // Both ways are asked in one namespace, and nobody here makes ServiceAccounts.
  const labels = { 'pod-security.kubernetes.io/enforce': 'privileged' };
  await rig.admin.request({
    method: 'POST',
    path: '/api/v1/namespaces',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels } },
  });
}, 120_000);
beforeEach(() => rig.cleanUp());
afterAll(() => rig.stop());

const [SIGNER = '', OTHER = ''] = roots(0, 1);
const SEED = {
  nodes: true,
  kubelets: true,
  pools: [
    { name: 'system', count: 2, maxSurge: 1 },
    { name: 'apps', count: 2, maxSurge: 1, osSku: 'AzureLinux' },
  ],
  registries: [{ host: 'images.example.com', certificateAuthority: SIGNER }],
  runPod: runOnDisk,
} satisfies Partial<ClusterSeed> & { nodes: boolean };

type RunPod = NonNullable<ClusterSeed['runPod']>;

/** Runs the pod's own command over the files that AKS writes on such a machine. */
function runOnDisk(...[pod, node]: Parameters<RunPod>): ReturnType<RunPod> {
  const [container] = pod.spec.containers;
  const folder = pod.spec.volumes?.[0]?.hostPath?.path;
  if (folder === undefined) return { exitCode: 128, reason: 'StartError' };
  const disk = mkdtempSync(join(tmpdir(), 'node-'));
  try {
    const below = node.osSku === 'Ubuntu' ? 'ca-certificates/certs' : 'ca-trust-source/anchors';
    const parent = node.osSku === 'Ubuntu' ? 'usr/local/share' : 'usr/share/pki';
    mkdirSync(join(disk, parent, below), { recursive: true });
    node.bornWith.forEach((element, index) => {
      const file = join(disk, parent, below, `aks-custom-00000000000000cert${index}.crt`);
      writeFileSync(file, Buffer.from(element, 'base64'));
    });
    const log = join(disk, 'termination-log');
    const places: Readonly<Record<string, string>> = {
      '/dev/termination-log': log,
      [container?.volumeMounts?.[0]?.mountPath ?? '']: join(disk, folder),
    };
    const [program = '', ...args] = (container?.command ?? []).map((part) => places[part] ?? part);
    execFileSync(program, args, { stdio: 'pipe' });
    return { exitCode: 0, message: readFileSync(log, 'utf8') };
  } finally {
    rmSync(disk, { recursive: true });
  }
}

const says = (object: CustomCATrust | undefined) => condition(object, 'NodesTrust');
const isOver = ({ status, metadata }: CustomCATrust) =>
  status?.observedGeneration === metadata.generation &&
  status?.verification?.nodes !== undefined &&
  status.verification.running === undefined;

async function podsLeft(): Promise<number> {
  const { items } = (await rig.admin.request({ path: `/api/v1/namespaces/${NAMESPACE}/pods` })) as { items: unknown[] };
  return items.length;
}

describe('a change that reaches the nodes', () => {
  it.each<[string, NonNullable<CustomCATrustSpec['verify']>]>([
    ['pulling an image', { image: 'images.example.com/app:1', nodes: 'Every' }],
    ['reading the trust store', { trustStore: {}, nodes: 'Every' }],
  ])('is proven on each of them by %s', async (_, verify) => {
    await rig.startController({ rules: RULES });
    const cluster = await rig.addCluster(SEED);
    const spec = { target: SEES_NODES, verify };
    await rig.apply('a', cluster, { ...spec, certificates: [entry('signer', SIGNER)] });
    const object = await rig.until('a', isReady, 'Ready');
    expect(says(object)).toMatchObject({ status: 'True', reason: 'Verified' });
    expect(object.status?.verification).toMatchObject({ nodes: 4, trusted: 4 });
    expect(cluster.nodes().every(({ bornOnModel }) => bornOnModel === 1)).toBe(true);
    expect(await podsLeft()).toBe(0);
  });
});

describe('a registry with a certificate of another authority', () => {
  it('is not trusted although every node was replaced, until its signer is in the list', async () => {
    await rig.startController({ rules: RULES });
    const cluster = await rig.addCluster(SEED);
    const spec = { target: SEES_NODES, verify: { image: 'images.example.com/app:1' } };
    await rig.apply('a', cluster, { ...spec, certificates: [entry('other', OTHER)] });
    const bad = await rig.until('a', isOver, 'over');
    expect(condition(bad, 'NodesReimaged')?.status).toBe('True');
    expect(says(bad)).toMatchObject({ status: 'False', reason: 'NotTrusted' });
    expect(says(bad)?.message).toContain('x509: certificate signed by unknown authority');
    expect(bad.status?.verification).toMatchObject({ nodes: 2, untrusted: 2 });
    await rig.apply('a', cluster, { ...spec, certificates: [entry('other', OTHER), entry('signer', SIGNER)] });
    const good = await rig.until('a', isReady, 'Ready');
    expect(says(good)?.reason).toBe('Verified');
    expect(rig.puts(cluster)).toHaveLength(2);
  });
});

describe('a node that another client changed unnoticed', () => {
  it('is named by its trust store', async () => {
    await rig.startController({ rules: RULES });
    const cluster = await rig.addCluster(SEED);
    const verify = { trustStore: {}, nodes: 'Every' as const };
    await rig.apply('a', cluster, { target: SEES_NODES, verify, certificates: [entry('signer', SIGNER)] });
    await rig.until('a', isReady, 'Ready');
    cluster.setListSilently([btoa(SIGNER), btoa(OTHER)]);
    const object = await rig.until('a', (one) => says(one)?.reason === 'NotTrusted', 'not trusted');
    expect(object.status?.verification).toMatchObject({ nodes: 4, trusted: 0, untrusted: 4 });
    expect(rig.puts(cluster)).toHaveLength(1);
  });
});

describe('nodes that Karpenter replaces later', () => {
  it('are no failure until then, and their successors are asked', async () => {
    await rig.startController({ rules: RULES });
    const cluster = await rig.addCluster({
      ...SEED,
      pools: [{ name: 'system', count: 2, maxSurge: 1 }],
      autoProvisioned: { count: 2, nodePool: 'general', driftSeconds: 300 },
    });
    const verify = { trustStore: {}, nodes: 'Every' as const };
    await rig.apply('a', cluster, { target: SEES_NODES, verify, certificates: [entry('signer', SIGNER)] });
    const waits = await rig.until('a', (one) => says(one)?.reason === 'WaitingForDrift', 'waiting for drift');
    expect(waits.status?.verification).toMatchObject({ trusted: 2, untrusted: 0, unclear: 0, awaited: 2 });
    expect(waits.status?.verification?.failing?.map(({ outcome }) => outcome)).toEqual(['Awaited', 'Awaited']);
    expect(condition(waits, 'Stalled')).toBeUndefined();
    const object = await rig.until('a', isReady, 'Ready', 60_000);
    expect(object.status?.verification).toMatchObject({ nodes: 4, autoProvisioned: 2, trusted: 4 });
    const there = cluster.nodes().filter(({ kind }) => kind === 'autoProvisioned');
    expect(there.map(({ bornOnModel }) => bornOnModel)).toEqual([1, 1]);
    expect(rig.puts(cluster)).toHaveLength(1);
    expect(await podsLeft()).toBe(0);
  });

  it('are asked at once for what the list of before is enough for', async () => {
    await rig.startController({ rules: RULES });
    const cluster = await rig.addCluster({
      ...SEED,
      pools: [{ name: 'system', count: 1, maxSurge: 1 }],
      autoProvisioned: { count: 1, driftSeconds: 36_000 },
    });
    const verify = { image: 'public.example.com/app:1' };
    await rig.apply('a', cluster, { target: SEES_NODES, verify, certificates: [entry('signer', SIGNER)] });
    const object = await rig.until('a', isReady, 'Ready');
    expect(object.status?.verification).toMatchObject({ nodes: 2, autoProvisioned: 1, trusted: 2 });
    expect(condition(object, 'FullyCovered')?.reason).toBe('AutoProvisionedNodes');
  });
});
