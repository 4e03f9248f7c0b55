import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { RECONCILE_REQUESTED_AT } from '../../src/api/names.ts';
import type { CustomCATrust, CustomCATrustSpec } from '../../src/api/generated/customcatrusts.ts';
import { element, entriesOf, pem } from '../harness/build.ts';
import { createPassRig, type PassRig } from '../cluster/verify/pass-rig.ts';
import { startApiServer, type ApiServer } from '../kubernetes/api-server.ts';
import { condition, isReady } from './rig.ts';

jest.setTimeout(60_000);

let server: ApiServer;
let rig: PassRig;
let nodes: readonly [string, string, string];
beforeAll(async () => {
  server = await startApiServer();
}, 90_000);
afterAll(() => server.stop());
beforeEach(async () => {
  rig = await createPassRig(server);
  const pool = rig.arm.pools[0]!.name;
  nodes = [`aks-${pool}-0`, `aks-${pool}-1`, `aks-${pool}-2`];
  for (const name of nodes) await rig.addNode(name, { trusted: [pem(0), pem(1)] });
  setList(0, 1);
  rig.registry = { signedBy: pem(0) };
});

function setList(...indexes: number[]): void {
  rig.arm = { ...rig.arm, elements: indexes.map((index) => element(index)) };
}

/** The list is what the object wants: nothing is left to do but to ask the nodes. */
async function ask(verify: NonNullable<CustomCATrustSpec['verify']>, spec: Partial<CustomCATrustSpec> = {}) {
  await rig.apply({ certificates: entriesOf([0, 1]), ...spec, verify });
}

const IMAGE = { image: 'images.example.com/app:1' };
const STORE = { trustStore: {} };
const says = (object: CustomCATrust | undefined) => condition(object, 'NodesTrust');
/** True once a verification is over, however it ended. */
const isOver = (object: CustomCATrust) =>
  object.status?.verification?.nodes !== undefined && object.status.verification.running === undefined;
const isTold = (reason: string) => (object: CustomCATrust) => says(object)?.reason === reason;

describe('an image that is pulled', () => {
  it('shows one node of the pool to trust its registry, and no pod is left', async () => {
    await ask(IMAGE);
    const object = await rig.until(isReady, 'Ready');
    expect(says(object)).toMatchObject({ status: 'True', reason: 'Verified' });
    expect(object.status?.verification).toMatchObject({ nodes: 1, trusted: 1, untrusted: 0, unclear: 0 });
    expect(await rig.pods()).toEqual([]);
    expect(rig.events.map(({ reason }) => reason)).toContain('Verified');
  });

  it('names each node that does not trust it', async () => {
    rig.machines.set(nodes[1], { trusted: [pem(1)] });
    await ask({ ...IMAGE, nodes: 'Every' });
    const object = await rig.until(isOver, 'over');
    expect(object.status?.verification).toMatchObject({ nodes: 3, trusted: 2, untrusted: 1 });
    expect(object.status?.verification?.failing?.map(({ node }) => node)).toEqual([nodes[1]]);
    expect(says(object)).toMatchObject({ status: 'False', reason: 'NotTrusted' });
    expect(says(object)?.message).toContain('x509: certificate signed by unknown authority');
    expect(condition(object, 'Ready')).toMatchObject({ status: 'False', reason: 'NotTrusted' });
    expect(await rig.pods()).toEqual([]);
  });

  it('is not needed: a registry that refuses over TLS is trusted', async () => {
    rig.registry = { signedBy: pem(0), refuses: 'images.example.com/app:1: not found' };
    await ask(IMAGE);
    expect(says(await rig.until(isOver, 'over'))?.reason).toBe('Verified');
  });
});

describe('a trust store that is read', () => {
  beforeEach(() => rig.label('privileged'));

  it('is compared with the list by the script itself', async () => {
    await ask({ ...STORE, nodes: 'Every' });
    const object = await rig.until(isReady, 'Ready');
    expect(object.status?.verification).toMatchObject({ nodes: 3, trusted: 3 });
  });

  it('tells which node lacks what, and which still has what was taken out', async () => {
    rig.machines.set(nodes[0], { trusted: [pem(0)] });
    rig.machines.set(nodes[2], { trusted: [pem(0), pem(1), pem(2)] });
    await ask({ ...STORE, nodes: 'Every' });
    const { failing } = (await rig.until(isOver, 'over')).status!.verification!;
    expect(failing?.map(({ node, outcome }) => [node, outcome])).toEqual([
      [nodes[0], 'Untrusted'],
      [nodes[2], 'Untrusted'],
    ]);
    expect(failing?.[0]?.message).toContain('does not have 1 of 2 certificates');
    expect(failing?.[1]?.message).toContain('no longer in the list');
  });

  it('needs a namespace that allows hostPath, and says so', async () => {
    await rig.label('restricted');
    await ask(STORE);
    const object = await rig.until(isTold('PodsRefused'), 'refused');
    expect(says(object)?.message).toContain('pod-security.kubernetes.io/enforce=privileged');
    await rig.label('privileged');
    await rig.until(isReady, 'Ready after the mend');
  });
});

describe('a verification that is over', () => {
  it('is not done again by passes or restarts: nothing is written any more', async () => {
    await ask(IMAGE);
    await rig.until(isReady, 'Ready');
    const before = await rig.object();
    rig.writes.length = 0;
    for (let round = 0; round < 3; round++) {
      rig.restart();
      expect((await rig.pass()).resting).toBeDefined();
    }
    expect((await rig.object())?.metadata.resourceVersion).toBe(before?.metadata.resourceVersion);
    expect(rig.writes).toEqual([]);
  });

  it.each<[string, () => Promise<void> | void]>([
    ['spec.verify changes', () => ask({ image: 'images.example.com/app:2' })],
    [
      'it is asked for again',
      () =>
        rig.apply(
          { certificates: entriesOf([0, 1]), verify: IMAGE },
          { annotations: { [RECONCILE_REQUESTED_AT]: 'now' } },
        ),
    ],
    ['the list changes', () => setList(0, 1, 2)],
  ])('is done anew when %s', async (_, change) => {
    await ask(IMAGE);
    const key = (await rig.until(isReady, 'Ready')).status?.verification?.key;
    rig.writes.length = 0;
    await change();
    await rig.until((object) => isReady(object) && object.status?.verification?.key !== key, 'done anew');
    expect(rig.writes.filter((write) => write.startsWith('POST'))).toHaveLength(1);
  });
});

describe('whatever comes in between', () => {
  /** Pods are there, and nothing has come of them yet. */
  async function begin(): Promise<void> {
    const machines = [...rig.machines];
    rig.machines.clear();
    await ask({ ...IMAGE, nodes: 'Every' });
    for (let round = 0; round < 10 && (await rig.pods()).length < 3; round++) await rig.pass();
    expect(await rig.pods()).toHaveLength(3);
    for (const [name, machine] of machines) rig.machines.set(name, machine);
  }

  it.each<[string, () => Promise<void>]>([
    ['spec.verify is taken out', () => rig.apply({ certificates: entriesOf([0, 1]) })],
    ['the object is suspended', () => ask(IMAGE, { suspend: true })],
    ['another image is named', () => ask({ image: 'images.example.com/app:2' })],
    ['an operation runs', async () => void (rig.arm = { ...rig.arm, provisioningState: 'Upgrading' })],
  ])('the pods are taken away when %s, also by another process', async (_, change) => {
    await begin();
    const first = await rig.pods();
    const key = (await rig.object())?.status?.verification?.running?.key;
    expect(key).toBeDefined();
    rig.restart();
    await change();
    await rig.until(({ status }) => status?.verification?.running?.key !== key, 'not running any more');
    const left = await rig.pods();
    expect(left.filter((name) => first.includes(name))).toEqual([]);
  });

  it('the pods are taken away before a deleted object goes', async () => {
    await begin();
    await rig.remove();
    rig.breakWith(new Error('away'));
    await rig.pass();
    expect(await rig.object()).toBeDefined();
    rig.breakWith();
    rig.restart();
    await rig.untilGone();
    expect(await rig.pods()).toEqual([]);
  });

  it('a process that was killed right after it made pods leaves nothing behind, and the next one asks each node', async () => {
    await begin();
    rig.restart();
    const object = await rig.until(isReady, 'Ready');
    expect(object.status?.verification).toMatchObject({ nodes: 3, trusted: 3 });
    expect(rig.writes.filter((write) => write.startsWith('POST'))).toHaveLength(3);
    expect(await rig.pods()).toEqual([]);
  });

  it('few pods are there at a time', async () => {
    for (let node = 3; node < 20; node++) await rig.addNode(`${nodes[0]}${node}`, { trusted: [pem(0)] });
    await ask({ ...IMAGE, nodes: 'Every' });
    const object = await rig.until(isOver, 'over');
    expect(object.status?.verification).toMatchObject({ nodes: 20, trusted: 20 });
    expect(rig.most()).toBeLessThanOrEqual(8);
  });
});

describe('a target that does not let us', () => {
  it('make pods is reported, with what to apply', async () => {
    await rig.grant(['list', 'delete']);
    await ask(IMAGE);
    const object = await rig.until(isTold('AccessDenied'), 'refused');
    expect(says(object)?.status).toBe('Unknown');
    expect(says(object)?.message).toContain('deploy/target-cluster/verify-role.yaml');
    const { resourceVersion } = object.metadata;
    await rig.pass();
    expect((await rig.object())?.metadata.resourceVersion).toBe(resourceVersion);
    await rig.grant(['create', 'delete', 'list']);
    await rig.until(isReady, 'Ready after the mend');
  });

  it('without a way to the nodes says what to set', async () => {
    await ask(IMAGE, { target: { resourceId: rig.resourceId } });
    const object = await rig.until(isTold('NoNodeAccess'), 'told');
    expect(says(object)?.message).toContain('spec.target.nodeAccess');
    expect(rig.writes).toEqual([]);
  });
});
