import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { CustomCATrust, CustomCATrustSpec } from '../../src/api/generated/customcatrusts.ts';
import { element, entriesOf, pem } from '../harness/build.ts';
import { createPassRig, type PassRig } from '../cluster/verify/pass-rig.ts';
import { admitWith, untilTried, type Admission } from '../cluster/verify/webhook.ts';
import { startApiServer, type ApiServer } from '../kubernetes/api-server.ts';
import { condition, isReady } from './rig.ts';

jest.setTimeout(60_000);

let server: ApiServer;
let rig: PassRig;
let nodes: readonly [string, string, string];
const undo: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  server = await startApiServer();
}, 90_000);
afterAll(() => server.stop());
afterEach(async () => {
  for (const one of undo.splice(0)) await one();
});
beforeEach(async () => {
  rig = await createPassRig(server);
  const pool = rig.arm.pools[0]!.name;
  nodes = [`aks-${pool}-0`, `aks-${pool}-1`, `aks-${pool}-2`];
  for (const name of nodes) await rig.addNode(name, { trusted: [pem(0), pem(1)] });
  rig.arm = { ...rig.arm, elements: [element(0), element(1)] };
  rig.registry = { signedBy: pem(0) };
});

const IMAGE = { image: 'images.example.com/app:1' };
const EVERY = { ...IMAGE, nodes: 'Every' } as const;

async function ask(verify: NonNullable<CustomCATrustSpec['verify']>, spec: Partial<CustomCATrustSpec> = {}) {
  await rig.apply({ certificates: entriesOf([0, 1]), ...spec, verify });
}

const says = (object: CustomCATrust | undefined) => condition(object, 'NodesTrust');
const isOver = (object: CustomCATrust) =>
  object.status?.verification?.nodes !== undefined && object.status.verification.running === undefined;
const isTold = (reason: string) => (object: CustomCATrust) => says(object)?.reason === reason;
const made = () => rig.writes.filter((write) => write.startsWith('POST')).length;
const podsPath = () => `/api/v1/namespaces/${rig.target}/pods`;

/** Something that the API server judges pods by, in the namespace of the pods. */
async function put(plural: string, kind: string, spec: object): Promise<string> {
  const path = `/api/v1/namespaces/${rig.target}/${plural}`;
  await rig.admin.request({
    method: 'POST',
    path,
    body: { apiVersion: 'v1', kind, metadata: { name: 'limit' }, spec },
  });
  return `${path}/limit`;
}

describe('a process that dies in the middle of it', () => {
  it('has recorded the nodes that trust: the next one verifies the others, and each node is verified once', async () => {
    for (let node = 3; node < 20; node++) await rig.addNode(`${nodes[0]}${node}`, { trusted: [pem(0)] });
    await ask(EVERY);
    await rig.until(({ status }) => (status?.verification?.proven ?? '').length >= 8 * 8, 'half done');
    rig.restart();
    const object = await rig.until(isOver, 'over');
    expect(object.status?.verification).toMatchObject({ nodes: 20, trusted: 20 });
    expect(made()).toBe(20);
  });

  it('vouches for no node that came in the place of one that was shown to', async () => {
    for (let node = 3; node < 12; node++) await rig.addNode(`${nodes[0]}${node}`, { trusted: [pem(0)] });
    await ask(EVERY);
    await rig.until(({ status }) => (status?.verification?.proven ?? '').length >= 8 * 8, 'some are done');
    rig.restart();
    await rig.removeNode(nodes[0]);
    await rig.addNode(nodes[0], { trusted: [pem(1)] });
    const object = await rig.until(isOver, 'over');
    expect(object.status?.verification).toMatchObject({ nodes: 12, trusted: 11, untrusted: 1 });
    expect(object.status?.verification?.failing?.map(({ node }) => node)).toEqual([nodes[0]]);
  });
});

describe('an operation of another client', () => {
  it('may leave other nodes behind: they are asked, and those that were there before are not', async () => {
    await ask(EVERY);
    await rig.until(isReady, 'Ready');
    rig.writes.length = 0;
    rig.arm = { ...rig.arm, provisioningState: 'Upgrading' };
    await rig.until(isTold('WaitingForChange'), 'waiting');
    await rig.removeNode(nodes[0]);
    await rig.addNode(nodes[0], { trusted: [pem(1)] });
    rig.restart();
    rig.arm = { ...rig.arm, provisioningState: 'Succeeded' };
    const object = await rig.until(isOver, 'over');
    expect(object.status?.verification).toMatchObject({ nodes: 3, trusted: 2, untrusted: 1 });
    expect(made()).toBe(1);
  });

  it('that has left all nodes as they were costs a read, and no pod', async () => {
    await ask(EVERY);
    await rig.until(isReady, 'Ready');
    rig.writes.length = 0;
    rig.arm = { ...rig.arm, provisioningState: 'Updating' };
    await rig.until(isTold('WaitingForChange'), 'waiting');
    rig.arm = { ...rig.arm, provisioningState: 'Succeeded' };
    expect((await rig.until(isReady, 'Ready')).status?.verification).toMatchObject({ nodes: 3, trusted: 3 });
    expect(rig.writes).toEqual([]);
  });
});

describe('nodes that Karpenter made', () => {
  const old = () => `${nodes[0]}-old`;

  it('are asked as well, counted, and named when they do not trust', async () => {
    await rig.addNode(old(), { trusted: [pem(1)] }, { nodePool: 'general' });
    await ask(IMAGE);
    const object = await rig.until(isOver, 'over');
    expect(object.status?.verification).toMatchObject({ nodes: 2, autoProvisioned: 1, trusted: 1, untrusted: 1 });
    expect(object.status?.verification?.failing).toMatchObject([{ node: old(), outcome: 'Untrusted' }]);
    expect(says(object)?.message).toContain('1 of 2 nodes');
    expect(says(object)?.message).toContain('1 of them auto-provisioned');
  });

  it('are verified one of each NodePool, and distinguished by it', async () => {
    await rig.addNode(`${old()}-1`, { trusted: [pem(0)] }, { nodePool: 'general' });
    await rig.addNode(`${old()}-2`, { trusted: [pem(0)] }, { nodePool: 'general' });
    await rig.addNode(`${old()}-3`, { trusted: [pem(1)] }, { nodePool: 'gpu' });
    await ask(IMAGE);
    const object = await rig.until(isOver, 'over');
    expect(object.status?.verification).toMatchObject({ nodes: 3, autoProvisioned: 2, trusted: 2, untrusted: 1 });
    expect(object.status?.verification?.failing).toMatchObject([{ node: `${old()}-3`, nodePool: 'gpu' }]);
  });

  it('are no failure before they have drifted, and their successors are asked when they are there', async () => {
    await rig.label('privileged');
    await rig.addNode(old(), { trusted: [pem(0), pem(1)] }, { nodePool: 'general' });
    await ask({ trustStore: {}, nodes: 'Every' });
    await rig.until(isReady, 'Ready');
    // Somebody else adds one to the list, and the node pools are through.
    const now = { trusted: [pem(0), pem(1), pem(2)] };
    for (const name of nodes) rig.machines.set(name, now);
    rig.arm = { ...rig.arm, elements: [element(0), element(1), element(2)] };
    rig.events.length = 0;
    const waiting = await rig.until(isTold('WaitingForDrift'), 'waiting for drift');
    expect(waiting.status?.verification).toMatchObject({ nodes: 4, trusted: 3, untrusted: 0, unclear: 0, awaited: 1 });
    expect(waiting.status?.verification?.failing).toMatchObject([{ node: old(), outcome: 'Awaited' }]);
    expect(says(waiting)).toMatchObject({ status: 'Unknown' });
    expect(says(waiting)?.message).toContain(`${old()}: its trust store does not have 1 of 3`);
    expect(condition(waiting, 'Stalled')).toBeUndefined();
    expect(rig.events.map(({ type, reason }) => [type, reason])).toContainEqual(['Normal', 'WaitingForDrift']);

    // Looks and restarts change nothing.
    rig.writes.length = 0;
    for (let round = 0; round < 3; round++) {
      rig.restart();
      expect((await rig.pass()).afterMs).toBeGreaterThan(60_000);
    }
    expect((await rig.object())?.metadata.resourceVersion).toBe(waiting.metadata.resourceVersion);
    expect(rig.writes).toEqual([]);

    await untilNextSecond(waiting);
    await rig.removeNode(old());
    await rig.addNode(`${nodes[0]}-new`, now, { nodePool: 'general' });
    const object = await rig.until(isReady, 'Ready');
    expect(object.status?.verification).toMatchObject({ nodes: 4, autoProvisioned: 1, trusted: 4 });
    expect(object.status?.verification?.awaited).toBeUndefined();
    expect(made()).toBe(1);
  });

  it('are a failure when they are younger than the list', async () => {
    await rig.label('privileged');
    await ask({ trustStore: {} });
    await rig.until(isReady, 'Ready');
    const [first = ''] = nodes;
    rig.machines.set(first, { trusted: [pem(0), pem(1), pem(2)] });
    rig.arm = { ...rig.arm, elements: [element(0), element(1), element(2)] };
    const again = await rig.until(isReady, 'Ready again');
    await untilNextSecond(again);
    await rig.addNode(`${first}-new`, { trusted: [pem(0)] }, { nodePool: 'general' });
    rig.arm = { ...rig.arm, provisioningState: 'Updating' };
    await rig.until(isTold('WaitingForChange'), 'waiting');
    rig.arm = { ...rig.arm, provisioningState: 'Succeeded' };
    const object = await rig.until(isOver, 'over');
    expect(says(object)).toMatchObject({ status: 'False', reason: 'NotTrusted' });
  });
});

/** Node objects are told apart from the list by whole seconds. */
async function untilNextSecond({ status }: CustomCATrust): Promise<void> {
  const since = Date.parse(status?.verification?.listSince ?? '');
  while (Date.now() < since + 1000) await rig.admin.request({ path: '/readyz' });
}

describe('a namespace with limits', () => {
  it('that takes few pods is asked for few at a time', async () => {
    const quota = await put('resourcequotas', 'ResourceQuota', { hard: { pods: '2' } });
    const used = (pods: number) =>
      rig.admin.request({
        method: 'PATCH',
        path: `${quota}/status`,
        contentType: 'application/merge-patch+json',
        body: { status: { hard: { pods: '2' }, used: { pods: `${pods}` } } },
      });
    await used(2);
    await untilTried(rig.admin, rig.target, (refusal) => refusal?.message.includes('exceeded quota') === true);
    await ask(EVERY);
    const told = await rig.until(isTold('PodsRefused'), 'refused');
    expect(says(told)?.message).toContain('exceeded quota');
    // What the quota controller does.
    const recount = async () => used((await rig.pods()).length);
    await recount();
    await untilTried(rig.admin, rig.target, (refusal) => refusal === undefined);
    let object: CustomCATrust | undefined;
    for (let round = 0; round < 30 && !(object && isOver(object)); round++) {
      await rig.pass();
      await recount();
      object = await rig.object();
      expect(says(object)?.reason).not.toBe('PodsRefused');
    }
    expect(object?.status?.verification).toMatchObject({ nodes: 3, trusted: 3 });
    expect(rig.most()).toBe(2);
  });

  it('says which limit refuses the pods', async () => {
    const limits = [{ type: 'Container', min: { cpu: '10m' } }];
    const path = await put('limitranges', 'LimitRange', { limits });
    await untilTried(rig.admin, rig.target, (refusal) => refusal !== undefined);
    await ask(IMAGE);
    const object = await rig.until(isTold('PodsRefused'), 'refused');
    expect(says(object)?.message).toContain('minimum cpu usage per Container is 10m');
    // The API server remembers for half a minute that there was one, and sees at once that it changed.
    await rig.admin.request({
      method: 'PATCH',
      path,
      contentType: 'application/merge-patch+json',
      body: { spec: { limits: [{ type: 'Container', min: { cpu: '1m' } }] } },
    });
    await untilTried(rig.admin, rig.target, (refusal) => refusal === undefined);
    await rig.until(isReady, 'Ready after the mend');
  });
});

describe('what lets pods in', () => {
  const admit = async (decide: () => Admission) => {
    const stop = await admitWith(rig.admin, rig.target, decide);
    undo.push(stop);
  };

  it('may refuse them, and is heard', async () => {
    let admission: Admission = { code: 403, message: 'images.example.com is not on the list' };
    await admit(() => admission);
    await ask(IMAGE);
    const object = await rig.until(isTold('PodsRefused'), 'refused');
    expect(says(object)?.message).toContain('images.example.com is not on the list');
    admission = { patch: [] };
    await rig.until(isReady, 'Ready after the mend');
  });

  it.each<[string, object, string]>([
    [
      'another registry',
      { op: 'replace', path: '/spec/containers/0/image', value: 'mirror.example.com/app:1' },
      'mirror.example.com/app:1',
    ],
    ['another node', { op: 'replace', path: '/spec/nodeName', value: 'elsewhere' }, 'it was sent to elsewhere'],
    ['no labels', { op: 'replace', path: '/metadata/labels', value: {} }, 'its labels and annotations are not ours'],
  ])('may give them %s: that proves nothing, and no pod is left', async (_, change, said) => {
    await admit(() => ({ patch: [change] }));
    rig.machines.set('elsewhere', { trusted: [pem(0)] });
    await ask(IMAGE);
    const object = await rig.until(isOver, 'over');
    expect(says(object)).toMatchObject({ status: 'Unknown', reason: 'NotProven' });
    expect(says(object)?.message).toContain(said);
    await rig.pass();
    expect(await rig.pods()).toEqual([]);
  });

  it('may put a container beside ours, which says nothing for it', async () => {
    const sidecar = {
      name: 'sidecar',
      image: 'mesh.example.com/proxy:1',
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    };
    await admit(() => ({ patch: [{ op: 'add', path: '/spec/containers/0', value: sidecar }] }));
    rig.machines.set(nodes[0], { trusted: [pem(1)] });
    await ask(EVERY);
    const object = await rig.until(isOver, 'over');
    expect(object.status?.verification).toMatchObject({ nodes: 3, trusted: 2, untrusted: 1 });
    await rig.pass();
    expect(await rig.pods()).toEqual([]);
  });
});

describe('another client that deletes the pods', () => {
  /** A pass, after which whatever pods there are go before they have shown anything. */
  async function sweptPass(): Promise<void> {
    await rig.pass();
    for (const name of await rig.pods())
      await rig.admin.request({ method: 'DELETE', path: `${podsPath()}/${name}`, query: { gracePeriodSeconds: '0' } });
  }

  it('is outlasted when it stops in time, and said to be there when it does not', async () => {
    const machines = [...rig.machines];
    rig.machines.clear();
    await ask(IMAGE);
    for (let round = 0; round < 3; round++) await sweptPass();
    for (const [name, machine] of machines) rig.machines.set(name, machine);
    await rig.until(isReady, 'Ready');

    rig.machines.clear();
    rig.writes.length = 0;
    await ask({ image: 'images.example.com/app:2' });
    for (let round = 0; round < 10; round++) await sweptPass();
    const object = await rig.object();
    expect(says(object)).toMatchObject({ status: 'Unknown', reason: 'NotProven' });
    expect(says(object)?.message).toContain('another client deleted each of the 3 pods');
    expect(made()).toBe(3);
  });
});

describe('a namespace in which nothing may be done', () => {
  it('holds nothing up once the operator names another one', async () => {
    rig.verification = { namespace: 'default' };
    await ask(IMAGE);
    await rig.until(isTold('AccessDenied'), 'refused');
    rig.verification = { namespace: rig.target };
    rig.restart();
    await rig.until(isReady, 'Ready');
  });

  it('any more is left after ten minutes, in which the pods have ended', async () => {
    rig.machines.clear();
    await ask(IMAGE);
    for (let round = 0; round < 5 && made() === 0; round++) await rig.pass();
    await rig.grant(['create']);
    await rig.apply({ certificates: entriesOf([0, 1]) });
    const isHeld = async () => (await rig.object())?.status?.verification?.running !== undefined;
    await rig.pass();
    rig.later(9 * 60_000);
    await rig.pass();
    expect([made(), await isHeld()]).toEqual([1, true]);
    rig.later(60_000);
    await rig.pass();
    expect(await isHeld()).toBe(false);
  });
});

describe('a leader that was displaced', () => {
  it('makes no pod and takes none away', async () => {
    const machines = [...rig.machines];
    rig.machines.clear();
    await ask(EVERY);
    const begun = await rig.until(({ status }) => status?.verification?.running !== undefined, 'begun');
    rig.lead(false);
    await expect(rig.pass()).rejects.toThrow('the lease is not held');
    expect(await rig.pods()).toEqual([]);
    rig.lead(true);
    await rig.pass();
    for (const [name, machine] of machines) rig.machines.set(name, machine);
    await rig.pass();
    const there = await rig.pods();
    rig.lead(false);
    await expect(rig.pass()).rejects.toThrow('the lease is not held');
    expect([there.length, await rig.pods()]).toEqual([3, there]);
    expect((await rig.object())?.metadata.resourceVersion).toBe(begun.metadata.resourceVersion);
  });
});

describe('a registry with a lot to say', () => {
  it('is quoted in part, and without what could move a cursor', async () => {
    const flood = `\u001b[2J\u202e${'https://'.repeat(120_000)}: x509: certificate signed by unknown authority\u0007`;
    rig.registry = { signedBy: pem(0), refuses: flood };
    const began = Date.now();
    await ask(IMAGE);
    const object = await rig.until(isOver, 'over');
    expect(says(object)).toMatchObject({ status: 'False', reason: 'NotTrusted' });
    expect(says(object)?.message).toContain('\\u{1b}[2J\\u{202e}');
    // eslint-disable-next-line no-control-regex -- that is what is looked for
    expect(JSON.stringify(object)).not.toMatch(/[\u0000-\u001f\u202e]/);
    expect(JSON.stringify(object.status).length).toBeLessThan(20_000);
    expect(Date.now() - began).toBeLessThan(10_000);
  });
});
