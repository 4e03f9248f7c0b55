import { afterEach, expect, it } from '@jest/globals';
import type { CertificateRotation } from '../../../src/api/generated/certificaterotations.ts';
import type { CustomCATrust } from '../../../src/api/generated/customcatrusts.ts';
import type { TargetCluster } from '../../../src/api/generated/targetclusters.ts';
import { parseClusterId, recordName } from '../../../src/api/resource-id.ts';
import { follow } from '../../../src/commands/status/follow.ts';
import type { ResolvedScope } from '../../../src/commands/status/read.ts';
import { connect } from '../../../src/kubernetes/client/connection.ts';
import { json, lines, startScriptedServer, status, type ScriptedServer } from '../../kubernetes/scripted-server.ts';
import { ManualClock } from '../../runtime/manual-clock.ts';

const idIn = (group: string) =>
  `/subscriptions/s/resourceGroups/${group}/providers/Microsoft.ContainerService/managedClusters/prod`;
const OWN = idIn('rg');
const OTHER = idIn('other');

const trust: CustomCATrust = {
  ...{ apiVersion: 'aks-ca-trust.dev/v1alpha1', kind: 'CustomCATrust' },
  metadata: { namespace: 'team', name: 'roots', uid: 'u1', resourceVersion: '5' },
  spec: { target: { resourceId: OWN }, certificates: [] },
};

const rotation: CertificateRotation = {
  ...{ apiVersion: 'aks-ca-trust.dev/v1alpha1', kind: 'CertificateRotation' },
  metadata: { namespace: 'team', name: 'own', uid: 'u3', resourceVersion: '5' },
  spec: { target: { resourceId: OWN } },
};

/** The record under the name of our cluster's, of the cluster that it says. */
const recordOf = (resourceId: string): TargetCluster => ({
  ...{ apiVersion: 'aks-ca-trust.dev/v1alpha1', kind: 'TargetCluster' },
  metadata: { name: recordName(parseClusterId(OWN)!), uid: 'u2', resourceVersion: '6' },
  spec: { resourceId },
});

let server: ScriptedServer;
const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  await server.stop();
});

/** What is shown once the watches have brought everything. */
async function followed(scope: ResolvedScope, record: TargetCluster) {
  server = await startScriptedServer((request, response) => {
    const { asked } = request;
    if (asked.searchParams.has('sendInitialEvents'))
      return json(422, status(422, 'Invalid', 'no streams'))(request, response);
    if (asked.searchParams.has('watch')) return lines([], { open: true })(request, response);
    const kind = asked.pathname.split('/').at(-1);
    const items = kind === 'targetclusters' ? [record] : kind === 'certificaterotations' ? [rotation] : [trust];
    return json(200, { metadata: { resourceVersion: '7' }, items })(request, response);
  });
  const connection = connect({ server: server.url });
  const over = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  const follower = follow({
    ...{ connection, scope, clock: new ManualClock(), random: () => 0.5 },
    // Shown until the watches have brought everything.
    first: { trusts: [trust], rotations: [rotation], records: [], unread: [], empty: 'the start' },
    onChange: () => follower.snapshot().empty ?? resolve(),
  });
  const running = follower.run(over.signal);
  ends.push(
    () => over.abort(),
    () => running,
    () => connection.close(),
  );
  await promise;
  const { trusts, rotations, records } = follower.snapshot();
  const objects = [...trusts, ...rotations].map(({ metadata }) => metadata.name);
  return { objects, records: records.map(({ spec }) => spec.resourceId) };
}

it.each<[string, ResolvedScope]>([
  ['an object', { kind: 'Object', namespace: 'team', name: 'roots' }],
  ['a CertificateRotation', { kind: 'Rotation', namespace: 'team', name: 'own' }],
  ['a namespace', { kind: 'Namespace', namespace: 'team' }],
  ['a cluster', { kind: 'Cluster', cluster: OWN }],
])(
  'status --watch of %s shows the record of its cluster, and not that of another cluster that has its name',
  async (_what, scope) => {
    const objects = { Object: ['roots'], Rotation: ['own'] }[scope.kind as string] ?? ['roots', 'own'];
    expect(await followed(scope, recordOf(OWN))).toEqual({ objects, records: [OWN] });
    for (const end of ends.splice(0)) await end();
    await server.stop();
    expect(await followed(scope, recordOf(OTHER))).toEqual({ objects, records: [] });
  },
);
