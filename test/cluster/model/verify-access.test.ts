import { describe, expect, it } from '@jest/globals';
import type { CustomCATrustSpec } from '../../../src/api/generated/customcatrusts.ts';
import type { TrustIntent } from '../../../src/cluster/model/intent.ts';
import { plan } from '../../../src/cluster/decide/plan.ts';
import { DEFAULT_TIMING } from '../../../src/cluster/model/timing.ts';
import { verifyAccessOf } from '../../../src/cluster/model/verify-access.ts';
import type { VerifySpec } from '../../../src/cluster/verify/types.ts';
import { wantedOf } from '../../../src/cluster/verify/request.ts';
import { idOf, DEFAULT_RULES, type AccessRules } from '../../../src/cluster/model/way.ts';
import { NODE_ACCESS, VERIFY, type Grants } from '../../../src/policy/policy.ts';
import { CLUSTER_ID, element, intent, observe, root, START } from '../../harness/build.ts';

type NodeAccess = NonNullable<CustomCATrustSpec['target']['nodeAccess']>;

const SECRET: NodeAccess = { kubeconfigSecretRef: { name: 'nodes' } };
const AZURE: NodeAccess = { azure: {} };
const IN_CLUSTER: NodeAccess = { inCluster: {} };
const PULL: VerifySpec = { image: 'images.example.com/app:1', imagePullSecrets: ['pull'] };
const STORE: VerifySpec = { trustStore: {}, imagePullSecrets: ['pull'] };
const ALL: Grants = {
  target: true,
  nodeAccess: NODE_ACCESS,
  verify: VERIFY,
  verifyOverOperatorWays: true,
  adopt: false,
  rotate: false,
  writeKubeconfigs: false,
  findConsumers: false,
};
const RULES: AccessRules = {
  ...DEFAULT_RULES,
  isOwnCluster: () => true,
  verification: { namespace: 'verify', trustStoreImage: 'images.example.com/sh:1' },
};

interface Given {
  readonly verify: VerifySpec | undefined;
  readonly nodeAccess: NodeAccess;
  readonly grants?: Partial<Grants>;
  readonly rules?: AccessRules;
}

function asking({ verify, nodeAccess, grants = {} }: Given): TrustIntent {
  return { ...intent('a', [0], { nodeAccess, ...(verify ? { verify } : {}) }), grants: { ...ALL, ...grants } };
}

function access(given: Given) {
  const none = { operator: [], namespaces: new Map() };
  const { ways, pullSecrets, refusal } = verifyAccessOf(asking(given), CLUSTER_ID, none, given.rules ?? RULES);
  return { ways: ways.map(idOf), pullSecrets, refused: refusal !== undefined };
}

const NONE = { ways: [], pullSecrets: false, refused: true };

describe('pods of a verification are made', () => {
  it.each<[string, Given, object]>([
    ['over a Secret of the namespace', { verify: PULL, nodeAccess: SECRET }, { ways: ['Secret/team/nodes/value'] }],
    ['over azure where the policy file allows it', { verify: PULL, nodeAccess: AZURE }, { ways: ['Azure'] }],
    ['over inCluster likewise', { verify: PULL, nodeAccess: IN_CLUSTER }, { ways: ['InCluster'] }],
    [
      'over azure for a trust store, without the pull Secrets that an object names',
      { verify: STORE, nodeAccess: AZURE, grants: { verify: ['trustStore'] } },
      { ways: ['Azure'], pullSecrets: false },
    ],
    [
      'away again for an object that asks no more, whatever it may verify',
      { verify: undefined, nodeAccess: SECRET, grants: { verify: [] } },
      { ways: ['Secret/team/nodes/value'], refused: false },
    ],
  ])('%s', (_, given, expected) => {
    expect(access(given)).toMatchObject(expected);
  });

  it.each<[string, Given]>([
    [
      'for a trust store where only pulls may be verified',
      { verify: STORE, nodeAccess: SECRET, grants: { verify: ['pull'] } },
    ],
    [
      'for a pull where only trust stores may be',
      { verify: PULL, nodeAccess: SECRET, grants: { verify: ['trustStore'] } },
    ],
    [
      'over a Secret where that may not be used',
      { verify: PULL, nodeAccess: SECRET, grants: { nodeAccess: ['azure'] } },
    ],
    ['over azure where that may not be used', { verify: PULL, nodeAccess: AZURE, grants: { nodeAccess: ['Secret'] } }],
    ['over inCluster where that may not be used', { verify: PULL, nodeAccess: IN_CLUSTER, grants: { nodeAccess: [] } }],
    [
      'over inCluster of another cluster',
      { verify: PULL, nodeAccess: IN_CLUSTER, rules: { ...RULES, isOwnCluster: () => false } },
    ],
    [
      'over azure without a policy file',
      { verify: PULL, nodeAccess: AZURE, grants: { verifyOverOperatorWays: false } },
    ],
  ])('not %s', (_, given) => {
    expect(access(given)).toEqual(NONE);
  });
});

describe('what is verified', () => {
  function wanted(given: Given, elements = [element(0)]) {
    const intents = [asking(given)];
    const observation = observe({ intents, elements, rules: RULES });
    const decision = plan(observation, START, DEFAULT_TIMING, () => 'op');
    return wantedOf(intents[0]!, observation, decision);
  }

  it('uses the pull Secrets of an object only where its namespace may name them', () => {
    const grants = { verify: ['trustStore'] } as const;
    expect(wanted({ verify: STORE, nodeAccess: SECRET })).toMatchObject({ pullSecrets: ['pull'] });
    expect(wanted({ verify: STORE, nodeAccess: AZURE })).toMatchObject({ pullSecrets: ['pull'] });
    expect(wanted({ verify: STORE, nodeAccess: AZURE, grants })).toMatchObject({ kind: 'Verify', pullSecrets: [] });
  });

  it('is not all of the list where an element holds more than what every program on a node finds', () => {
    const joined = btoa(root(0).pem + root(1).pem.trimEnd() + root(2).pem);
    expect(wanted({ verify: STORE, nodeAccess: SECRET })).toMatchObject({ complete: true });
    expect(wanted({ verify: STORE, nodeAccess: SECRET }, [joined])).toMatchObject({ complete: false });
    expect(wanted({ verify: STORE, nodeAccess: SECRET }, [element(0), element()])).toMatchObject({ complete: false });
  });
});
