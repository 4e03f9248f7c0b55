import { describe, expect, it } from '@jest/globals';
import { createPolicy, OPEN_POLICY } from '../../src/policy/policy.ts';
import { trust, type TrustOptions } from '../harness/build.ts';
import { SECRET, waysRig, type NodeAccess, type Sent, type TargetServer, type WaysRig } from '../harness/ways-rig.ts';

/** How the nodes of the cluster are seen by one team, or by the operator for all. */
const KINDS = {
  none: {},
  'a Secret': { access: SECRET, shows: 'Truth' },
  'a Secret that is not there': { access: SECRET, absent: true },
  'a Secret of a dead server': { access: SECRET, shows: 'Dead' },
  'a Secret of a server that hangs': { access: SECRET, shows: 'Hanging' },
  'a Secret of a server that says all is new': { access: SECRET, shows: 'New' },
  'a Secret of a server that says all is old': { access: SECRET, shows: 'Old' },
  azure: { access: { azure: {} } },
  inCluster: { access: { inCluster: {} } },
  'inCluster of another cluster': { access: { inCluster: {} }, foreign: true },
  'a Secret of the policy file': { policySecret: true },
} as const satisfies Record<string, Kind>;

interface Kind {
  readonly access?: NodeAccess;
  readonly absent?: boolean;
  readonly shows?: TargetServer['shows'];
  readonly foreign?: boolean;
  readonly policySecret?: boolean;
}
type KindName = keyof typeof KINDS;
const NAMES = Object.keys(KINDS) as KindName[];

const VERIFIES = createPolicy({
  rules: [
    {
      namespaces: ['team-*'],
      clusters: ['*/*/*/*'],
      nodeAccess: ['Secret', 'azure', 'inCluster'],
      verify: ['pull', 'trustStore'],
      adopt: false,
    },
  ].map((rule) => ({ ...rule, clusters: ['/subscriptions/*/resourceGroups/*/*'] })) as never,
  nodeAccess: [],
});

function kindOf(name: KindName): Kind {
  return KINDS[name];
}

/** Two teams' objects on one cluster, each with a certificate of its own, through a whole change. */
async function play(a: KindName, b: KindName, options: { readonly verify: boolean; readonly allowed: boolean }) {
  const rig = waysRig();
  rig.policy = options.allowed ? VERIFIES : OPEN_POLICY;
  for (const [team, name] of [['team-a', a] as const, ['team-b', b] as const]) {
    const { access, absent, shows, policySecret, foreign } = kindOf(name);
    if (policySecret) rig.operatorSecret = { namespace: 'system', name: 'fleet', key: 'value' };
    if (foreign) rig.ownCluster = false;
    if (access?.kubeconfigSecretRef && !absent) rig.secrets.set(`${team}/nodes`, team);
    if (shows) rig.servers.set(team, { shows, pods: new Map() });
    const verify: TrustOptions['verify'] = options.verify
      ? { image: 'images.example.com/app:1', imagePullSecrets: [`${team}-pull`] }
      : undefined;
    rig.add(
      trust('o', [team === 'team-a' ? 0 : 1], {
        namespace: team,
        uid: `uid-${team}`,
        ...(access ? { nodeAccess: access } : {}),
        ...(verify ? { verify } : {}),
      }),
    );
  }
  rig.secrets.set('system/fleet', 'policy');
  await rig.passes(4);
  rig.replaceNodes();
  await rig.passes(12);
  return rig;
}

const isRefused = (name: KindName, foreign: boolean) => kindOf(name).access?.inCluster !== undefined && foreign;

/** The expected status of the team in the end, derived from the rule and not from the code. */
function expected(own: KindName, other: KindName, options: { readonly verify: boolean; readonly allowed: boolean }) {
  const foreign = [own, other].some((name) => kindOf(name).foreign);
  const operator = [own, other].some((name) => {
    const { access, policySecret } = kindOf(name);
    return policySecret === true || access?.azure !== undefined || (access?.inCluster !== undefined && !foreign);
  });
  const refused = isRefused(own, foreign);
  const { access, absent, shows } = kindOf(own);
  const blind = absent === true || shows === 'Dead' || shows === 'Hanging';
  const hasSecret = access?.kubeconfigSecretRef !== undefined;
  const nodes = hasSecret
    ? blind
      ? 'Unknown NodesUnreadable'
      : shows === 'Old'
        ? 'False ReimageInProgress'
        : 'True Reimaged'
    : operator
      ? 'True Reimaged'
      : 'True ReportedByARM';
  const trusts = hasSecret
    ? blind
      ? 'Unknown TargetUnreachable'
      : 'True Verified'
    : operator && options.allowed
      ? 'True Verified'
      : 'Unknown NoNodeAccess';
  return {
    Applied: refused ? 'False NodesUnreadable' : 'True Applied',
    // Its change was never sent, so nothing is said of its nodes.
    NodesReimaged: refused ? 'Unknown ChangeNotSent' : nodes,
    NodesTrust: options.verify
      ? refused && operator && options.allowed
        ? 'Unknown WaitingForChange'
        : trusts
      : undefined,
  };
}

function said(rig: WaysRig, team: string, type: string): string | undefined {
  const found = rig.condition(`${team}/o`, type);
  return found && `${found.status} ${found.reason}`;
}

const isPod = ({ path }: Sent) => path.includes('/pods');

describe.each(NAMES)('a team with node access by %s, beside another', (a) => {
  it.each(NAMES)('one with %s: each is shown what its own way and the operator’s show', async (b) => {
    for (const verify of [false, true])
      for (const allowed of [false, true]) {
        const rig = await play(a, b, { verify, allowed });
        for (const [team, own, other] of [['team-a', a, b] as const, ['team-b', b, a] as const]) {
          const wanted = expected(own, other, { verify, allowed });
          const found = Object.fromEntries(Object.keys(wanted).map((type) => [type, said(rig, team, type)]));
          expect({ team, verify, allowed, ...found }).toEqual({ team, verify, allowed, ...wanted });
        }
        credentialsStayApart(rig, { a, b, allowed });
      }
  });
});

/** On which credentials each request went where. */
function credentialsStayApart(
  rig: WaysRig,
  { a, b, allowed }: { readonly a: KindName; readonly b: KindName; readonly allowed: boolean },
): void {
  const { sent } = rig;
  const pods = sent.filter(isPod);
  // What one team asks of nodes goes over its own Secret, or over the operator's ways where the policy file says so.
  for (const team of ['team-a', 'team-b']) {
    const others = pods.filter(({ by, object }) => object === `uid-${team}` && by.startsWith('team-') && by !== team);
    expect(others).toEqual([]);
  }
  const operators = pods.filter(({ by }) => !by.startsWith('team-'));
  if (!allowed) expect(operators).toEqual([]);
  // Pods are made where the operator says.
  for (const { path } of pods) expect(path).toMatch(/^\/api\/v1\/namespaces\/aks-ca-trust-verify\/pods/);
  // Only what objects and policy file name is read, and only as often as an object names it.
  const secrets = new Set(
    sent.flatMap(({ path }) => /namespaces\/(.*)\/secrets\/(.*)/.exec(path)?.slice(1).join('/') ?? []),
  );
  const named = [
    ...(kindOf(a).access?.kubeconfigSecretRef ? ['team-a/nodes'] : []),
    ...(kindOf(b).access?.kubeconfigSecretRef ? ['team-b/nodes'] : []),
    ...([a, b].some((name) => kindOf(name).policySecret) ? ['system/fleet'] : []),
  ];
  expect([...secrets].sort()).toEqual(named.sort());
  // No status mentions another namespace's Secrets.
  const statusOf = (team: string) => JSON.stringify(rig.objects.get(`${team}/o`)?.status);
  for (const [team, other] of [
    ['team-a', 'team-b'],
    ['team-b', 'team-a'],
  ] as const)
    expect(statusOf(team)).not.toMatch(new RegExp(`${other}/nodes|system/fleet|\\bfleet\\b|Secret ${other}`));
}
