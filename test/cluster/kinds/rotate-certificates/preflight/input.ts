import { expect } from '@jest/globals';
import type {
  Acceptable,
  PreflightInput,
} from '../../../../../src/cluster/kinds/rotate-certificates/preflight/check.ts';
import { preflight, type PreflightRow } from '../../../../../src/cluster/kinds/rotate-certificates/preflight/index.ts';
import type { NodesObservation } from '../../../../../src/cluster/model/observation.ts';
import { model, node, START } from '../../../../harness/build.ts';

export type Nodes = Extract<NodesObservation, { kind: 'Read' }>;

const NOTHING = { count: 0, first: [] };

export const GOOD: Nodes = {
  kind: 'Read',
  nodes: [node('n1', START), node('n2', START)],
  serverTime: START,
  tightBudgets: [],
  troubledRequests: NOTHING,
  localVolumes: NOTHING,
  localSets: NOTHING,
};

const ACCEPTED = { clientCertificate: { kind: 'Accepted' }, token: { kind: 'Accepted' } } as const;

export const GOOD_MODEL = model({ nodeDisruptionPolicy: 'Allow', location: 'westeurope' });

export const SAID = {
  allowed: true,
  locks: [],
  token: { ok: true, endsAt: START + 60 * 60_000 } as const,
  versions: [
    { minor: '1.32', plans: ['KubernetesOfficial', 'AKSLongTermSupport'], isPreview: false },
    { minor: '1.33', plans: ['KubernetesOfficial'], isPreview: false },
  ],
};

/** What the checks are made from, of a cluster that is well but for the change. */
export const input = (change: Partial<PreflightInput> = {}): PreflightInput => ({
  ...{
    model: GOOD_MODEL,
    nodes: GOOD,
    mayName: true,
    arm: SAID,
    armAheadMs: 0,
    maintenance: new Map([['aksManagedNodeOSUpgradeSchedule', { kind: 'Missing' }]]),
    chosenWindows: new Set<string>(),
    isExpired: false,
    dependents: 0,
    noted: ACCEPTED,
    record: {},
    ways: [],
    accepted: new Set<Acceptable>(),
    now: START,
  },
  ...change,
});

export const nodes = (change: Partial<Nodes>) => ({ nodes: { ...GOOD, ...change } });

/** The cluster as ARM shows it. */
export const shown = (change: Parameters<typeof model>[0]) => ({ model: { ...GOOD_MODEL, ...change } });

export const rowOf = (name: string, change: Partial<PreflightInput>): PreflightRow =>
  preflight(input(change)).find((row) => row.name === name)!;

/** A row of a matrix: the check, the cluster in words and as data, the result, and a part of the message. */
export type Case = [
  name: string,
  cluster: string,
  change: Partial<PreflightInput>,
  result: PreflightRow['result'],
  message: RegExp,
];

/** Expects the row, in whole sentences and of a length that a status has room for however large the cluster is. */
export function expectRow(...[name, , change, result, message]: Case): void {
  const row = rowOf(name, change);
  expect(row).toMatchObject({ result, blocks: result === 'Failed' });
  expect(row.message).toMatch(message);
  expect(row.message).toMatch(/^[A-Z0-9].*\.$/);
  expect(row.message.length).toBeLessThan(1000);
}
