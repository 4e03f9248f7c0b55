import { describe, expect, it } from '@jest/globals';
import { trust, type TrustOptions } from '../../harness/build.ts';
import { SECRET, waysRig, type NodeAccess, type WaysRig } from '../../harness/ways-rig.ts';

const MISSING = 'The kubeconfig in Secret team-a/nodes cannot be read: secrets "nodes" not found';
const REFUSED =
  'The nodes cannot be listed: connect ECONNREFUSED azure. Allow the controller to reach the API server: check authorized IP ranges, firewalls, and the private endpoint of a private cluster';
const BY_ARM = 'ARM reports Succeeded; the nodes themselves were not read';

type Asking = TrustOptions & { readonly name?: string };

function rigWith(...objects: readonly Asking[]): WaysRig {
  const rig = waysRig();
  rig.servers.set('azure', { shows: 'Dead', pods: new Map() });
  for (const { name = 'o', ...options } of objects)
    rig.add(trust(name, [0], { uid: `uid-${options.namespace}-${name}`, ...options }));
  return rig;
}

/** Passes until AKS works on the list that was sent. */
async function begin(rig: WaysRig) {
  for (let pass = 0; rig.puts.length === 0 && pass < 8; pass++) await rig.passes(1);
  rig.arm = { ...rig.arm, provisioningState: 'Updating' };
  await rig.passes(1);
}

async function end(rig: WaysRig) {
  rig.arm = { ...rig.arm, provisioningState: 'Succeeded' };
  await rig.passes(4);
}

const reimaged = (rig: WaysRig, object: string) => rig.condition(object, 'NodesReimaged');
const asks = (nodeAccess: NodeAccess) => ({ namespace: 'team-a', nodeAccess });

describe('a certificate comes in through the operation of another object', () => {
  it.each<[string, NodeAccess, readonly Asking[], string]>([
    ['azure, which is refused, beside another namespace', { azure: {} }, [{ namespace: 'team-b' }], REFUSED],
    ['a Secret that is missing, beside another namespace', SECRET, [{ namespace: 'team-b' }], MISSING],
    ['a Secret that is missing, in the only namespace', SECRET, [{ namespace: 'team-a', name: 'other' }], MISSING],
    [
      'a Secret that is missing, where another object of its namespace asks for azure in vain',
      SECRET,
      [{ namespace: 'team-a', name: 'other', nodeAccess: { azure: {} } }, { namespace: 'team-b' }],
      MISSING,
    ],
  ])('an object that asks for %s says why the nodes are not seen', async (_case, access, others, message) => {
    const rig = rigWith(asks(access), ...others);
    await begin(rig);
    expect(reimaged(rig, 'team-a/o')).toMatchObject({ status: 'Unknown', reason: 'NodesUnreadable', message });
    expect(rig.condition('team-a/o', 'Ready')).toMatchObject({ status: 'False', reason: 'Updating' });
  });

  it('the objects that ask for no access are shown what ARM reports, and nothing of the access of others', async () => {
    const rig = rigWith(asks({ azure: {} }), { namespace: 'team-b' });
    await begin(rig);
    expect(reimaged(rig, 'team-b/o')).toMatchObject({
      status: 'False',
      reason: 'ReimageInProgress',
      message: '0 of 2 nodes were replaced since the change, by the pool states that ARM reports',
    });
    await end(rig);
    expect(reimaged(rig, 'team-b/o')).toMatchObject({ status: 'True', reason: 'ReportedByARM', message: BY_ARM });
  });

  it('the object becomes ready by what ARM reports, and goes on to say why its nodes were not seen until it is edited', async () => {
    const rig = rigWith(asks({ azure: {} }), { namespace: 'team-b' });
    await begin(rig);
    await end(rig);
    await rig.passes(10);
    const said = {
      status: 'True',
      reason: 'ReportedByARM',
      message: `${BY_ARM}. The node access that this object asks for could not be used: ${REFUSED}`,
    };
    expect(reimaged(rig, 'team-a/o')).toMatchObject(said);
    expect(rig.condition('team-a/o', 'Ready')).toMatchObject({ status: 'True', reason: 'Trusted' });
    // The cause comes from the record, and not from the status.
    const { status: lost, ...bare } = rig.objects.get('team-a/o')!;
    rig.add(bare);
    await rig.passes(2);
    expect(lost).toBeDefined();
    expect(reimaged(rig, 'team-a/o')).toMatchObject(said);
    const { spec, ...rest } = rig.objects.get('team-a/o')!;
    const { nodeAccess: _, ...target } = spec.target;
    rig.add({ ...rest, metadata: { ...rest.metadata, generation: 2 }, spec: { ...spec, target } });
    await rig.passes(2);
    expect(reimaged(rig, 'team-a/o')).toMatchObject({ ...said, message: BY_ARM });
    rig.add({ ...rest, metadata: { ...rest.metadata, generation: 3 }, spec });
    await rig.passes(2);
    expect(reimaged(rig, 'team-a/o')).toMatchObject({ ...said, message: BY_ARM });
    expect(rig.record?.lastApplied).not.toHaveProperty('unreadable');
  });

  it('an object whose namespace is not among those whose Secrets are used says so', async () => {
    const many = Array.from({ length: 8 }, (_, at) => ({ namespace: `old-${at}`, nodeAccess: SECRET }));
    const rig = rigWith(...many, { namespace: 'zz-last', nodeAccess: SECRET });
    for (const { namespace } of [...many, { namespace: 'zz-last' }]) {
      rig.secrets.set(`${namespace}/nodes`, namespace);
      rig.servers.set(namespace, { shows: 'Truth', pods: new Map() });
    }
    await begin(rig);
    expect(reimaged(rig, 'old-0/o')).toMatchObject({ status: 'False', reason: 'ReimageInProgress' });
    expect(reimaged(rig, 'zz-last/o')).toMatchObject({
      status: 'Unknown',
      reason: 'NodesUnreadable',
      message: expect.stringMatching(
        /^For one cluster, the Secrets of 8 namespaces are used, .* namespace zz-last is not/,
      ),
    });
  });
});
