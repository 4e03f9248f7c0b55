import { beforeEach, describe, expect, it } from '@jest/globals';
import { createRotationProver, type RotationProver } from '../../../src/cluster/prove-rotation/prover.ts';
import type { Decision } from '../../../src/cluster/model/decision.ts';
import type { ProofReport } from '../../../src/cluster/model/follow-up.ts';
import type { Observation } from '../../../src/cluster/model/observation.ts';
import type { RotationIntent } from '../../../src/cluster/model/rotation.ts';
import { DEFAULT_TIMING } from '../../../src/cluster/model/timing.ts';
import { idOf, type Way } from '../../../src/cluster/model/way.ts';
import { makeAuthority } from '../../cluster-certificates/authority.ts';
import { asking, type Status } from '../find-consumers/objects.ts';
import { at, MINUTE, observe, START } from '../../harness/build.ts';

const NEVER = new AbortController().signal;
const [OLD, NEW] = ['a'.repeat(64), 'b'.repeat(64)];
const AHEAD = {
  outlook: { changeHolds: new Map([['RotateCertificates', {}]]), seenThrough: new Set() },
} as unknown as Decision;
const DONE = { outlook: { seenThrough: new Set() } } as unknown as Decision;
const AZURE: Way = { kind: 'Azure' };
const OWN: Way = { kind: 'Secret', owner: 'Namespace', namespace: 'other', name: 'kc', key: 'value' };

let now: number;
/** Deployments that each way shows, with what their column READY has. */
let shown: Record<string, Record<string, string>>;
let kubeconfig: string;
let prover: RotationProver;
beforeEach(async () => {
  now = START;
  shown = { Azure: {}, [idOf(OWN)]: {} };
  const ca = Buffer.from((await makeAuthority(START)).certificate.toString()).toString('base64');
  kubeconfig = JSON.stringify({
    'current-context': 'a',
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    clusters: [
      { name: 'a', cluster: { server: 'https://a.hcp.westeurope.azmk8s.io:443', 'certificate-authority-data': ca } },
    ],
    users: [{ name: 'a', user: { token: 'secret' } }],
  });
  const accepted = { kind: 'Accepted' } as const;
  prover = createRotationProver({
    arm: { userKubeconfig: async () => ({ ok: true, value: kubeconfig }) },
    access: {
      connectionFor: async (_, way) => ({ kind: 'Open', connection: apiServer(() => shown[idOf(way)] ?? {}) as never }),
    },
    vault: {
      capture: async () => ({ clientCertificate: accepted, token: accepted }),
      prove: async () => undefined,
      before: () => undefined,
      forget: () => {},
    },
    apiServerToken: { get: () => Promise.reject(new Error('not used')) } as never,
    open: () => ({ ...apiServer(() => ({})), close: async () => {} }) as never,
    now: () => now,
    timing: DEFAULT_TIMING,
  });
});

/** An API server in memory. */
function apiServer(deployments: () => Record<string, string>) {
  const table = (rows: readonly object[]) => ({
    metadata: { resourceVersion: '7' },
    columnDefinitions: ['Ready', 'Desired', 'Available'].map((name) => ({ name })),
    rows,
  });
  return {
    request: async ({ path }: { path: string }) => {
      if (path === '/apis/apps/v1/deployments')
        return table(
          Object.entries(deployments()).map(([name, ready]) => ({
            cells: [ready],
            object: { metadata: { name, namespace: 'team', creationTimestamp: at(START - MINUTE) } },
          })),
        );
      return path.startsWith('/apis/apps/') ? table([]) : { metadata: { resourceVersion: '7' }, items: [] };
    },
  };
}

const WAYS = { ...observe().ways, operator: [AZURE], namespaces: new Map([['other', [OWN]]]) };
const seen = (...intents: RotationIntent[]): Observation => ({ ...observe(), ways: WAYS, intents });

function rotating(namespace: string, way: 'azure' | 'Secret', rotate: boolean, completedAt?: number): RotationIntent {
  const lastRotation: Status['lastRotation'] = {
    ...{ startedAt: at(START), startedBy: 'ThisController', reason: 'Requested', oldCA: OLD, newCA: NEW },
    ...(completedAt === undefined ? {} : { completedAt: at(completedAt) }),
  };
  const nodeAccess = way === 'azure' ? { azure: {} } : { kubeconfigSecretRef: { name: 'kc' } };
  return asking(completedAt === undefined ? {} : { lastRotation }, {
    spec: { mode: 'Rotate', acceptDowntime: true, target: { resourceId: '', nodeAccess } },
    metadata: { namespace, uid: namespace },
    grants: { rotate },
  });
}

async function workloadsRow(intents: readonly RotationIntent[]) {
  const reports = (await prover.step(seen(...intents), DONE, NEVER)) as ReadonlyMap<string, ProofReport>;
  return intents.map(({ name }) => {
    const row = reports.get(name)?.verification?.rows.find((one) => one.name === 'WorkloadsAvailable');
    return row && [row.result, row.message];
  });
}

describe('the workloads after a rotation', () => {
  const completed = START + 10 * MINUTE;
  const both = (at?: number) => [rotating('team', 'azure', true, at), rotating('other', 'Secret', true, at)] as const;

  it('are compared with those that the same access showed before it', async () => {
    shown = { Azure: { web: '3/3', broken: '0/1' }, [idOf(OWN)]: { web: '3/3' } };
    await prover.step(seen(...both()), AHEAD, NEVER);
    now = completed + MINUTE;
    shown = { Azure: { web: '1/3', broken: '0/1' }, [idOf(OWN)]: { web: '3/3' } };
    expect(await workloadsRow(both(completed))).toEqual([
      ['Pending', expect.stringContaining('before the rotation: Deployment team/web. Pods')],
      ['Passed', expect.any(String)],
    ]);
    now = completed + 31 * MINUTE;
    expect((await workloadsRow(both(completed)))[0]?.[0]).toBe('Failed');
  });

  it('are not known where nothing was noted before it, as after a restart', async () => {
    now = completed + MINUTE;
    expect(await workloadsRow(both(completed))).toEqual([
      ['Unknown', expect.stringContaining('The controller was started after the rotation began')],
      ['Unknown', expect.any(String)],
    ]);
  });

  it('are not shown to an object whose namespace may not rotate the cluster', async () => {
    const allowed = rotating('team', 'azure', true, completed);
    const refused = rotating('other', 'azure', false, completed);
    now = completed + MINUTE;
    expect(await workloadsRow([allowed, refused])).toEqual([['Unknown', expect.any(String)], undefined]);
    expect(prover.isDue(refused, seen(refused), DONE)).toBe(false);
  });
});
