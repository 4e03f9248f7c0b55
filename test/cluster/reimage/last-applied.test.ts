import { describe, expect, it } from '@jest/globals';
import type { Assessment } from '../../../src/cluster/model/assessment.ts';
import type { LastApplied } from '../../../src/cluster/model/record.ts';
import {
  appliedNow,
  rememberApplied,
  withoutNamespaceProof,
  type AppliedMemory,
} from '../../../src/cluster/reimage/last-applied.ts';
import type { Progress } from '../../../src/cluster/reimage/progress.ts';
import { at, START } from '../../harness/build.ts';

const counted: Progress = {
  nodes: { total: 3, reimaged: 3, excluded: 0, summary: '3/3' },
  pools: [],
  old: 0,
  members: new Map(),
};
const applied: LastApplied = { at: at(START), proof: 'NodesSeen', countedBy: 'Operator', nodes: 3 };
const byArm: LastApplied = { at: at(START), proof: 'ReportedByARM' };
const earlier: LastApplied = { ...applied, at: at(START - 1) };

describe('the memory of a change that was seen through', () => {
  it('has who saw how many nodes, or that ARM alone reported it', () => {
    const [read, none] = [{ kind: 'Read', nodes: [] }, { kind: 'NoAccess' }] as const;
    expect(appliedNow(counted, read, 'Operator', START)).toEqual(applied);
    expect(appliedNow({ ...counted, old: undefined }, none, 'ARM', START)).toEqual(byArm);
    expect(appliedNow(undefined, none, 'ARM', START)).toEqual(byArm);
    const unreadable = { kind: 'Unreadable', message: 'm'.repeat(5000) } as const;
    expect(appliedNow({ ...counted, old: undefined }, unreadable, 'Operator', START)).toEqual({
      ...byArm,
      countedBy: 'Operator',
      unreadable: 'm'.repeat(1024),
    });
  });

  const done: Assessment = { kind: 'Done' };
  const never: Assessment = { kind: 'NeverArrived' };

  it.each<[string, AppliedMemory & { slots?: [] }, Assessment | undefined, boolean, AppliedMemory]>([
    ['the first read of a cluster that works shows Succeeded', {}, undefined, true, { firstSucceeded: 'AtFirstRead' }],
    ['the first read shows a failed cluster', {}, undefined, false, {}],
    ['a later read shows Succeeded first', { slots: [] }, undefined, true, { firstSucceeded: 'Later' }],
    [
      'the cluster fails later',
      { slots: [], firstSucceeded: 'AtFirstRead' },
      undefined,
      false,
      { firstSucceeded: 'AtFirstRead' },
    ],
    ['a change is seen through', { slots: [] }, done, true, { lastApplied: applied, firstSucceeded: 'Later' }],
    [
      'another change is seen through',
      { slots: [], lastApplied: earlier, firstSucceeded: 'AtFirstRead' },
      done,
      true,
      { lastApplied: applied, firstSucceeded: 'AtFirstRead' },
    ],
    [
      'a write never arrived after a change that was',
      { slots: [], lastApplied: applied, firstSucceeded: 'AtFirstRead' },
      never,
      true,
      { lastApplied: byArm, firstSucceeded: 'Later' },
    ],
    [
      'the first write never arrived',
      { slots: [], firstSucceeded: 'AtFirstRead' },
      never,
      true,
      { firstSucceeded: 'Later' },
    ],
    [
      'nothing happens',
      { slots: [], lastApplied: earlier, firstSucceeded: 'Later' },
      undefined,
      true,
      { lastApplied: earlier, firstSucceeded: 'Later' },
    ],
  ])('after a read: %s', (_when, before, assessment, isAtRest, after) => {
    expect(rememberApplied(before, assessment, applied, isAtRest)).toEqual(after);
  });

  it.each<[string, string | undefined, LastApplied]>([
    ['Operator', undefined, { ...applied, countedBy: 'Operator' }],
    ['Namespace/team-a', 'team-a', { ...applied, countedBy: 'Namespace/team-a' }],
    ['Namespace/team-a', undefined, byArm],
    ['Namespace/team-a', 'team-b', byArm],
  ])('where %s saw the nodes, and %s is the only namespace', (countedBy, sole, shown) => {
    expect(withoutNamespaceProof({ ...applied, countedBy }, sole)).toEqual(shown);
  });
});
