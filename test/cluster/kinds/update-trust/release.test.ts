import { describe, expect, it } from '@jest/globals';
import type { Release } from '../../../../src/cluster/model/decision.ts';
import { releasesOf } from '../../../../src/cluster/kinds/update-trust/release.ts';
import type { RecordedOperation } from '../../../../src/cluster/model/record.ts';
import type { Merge } from '../../../../src/cluster/model/trust.ts';
import { intent, named, operation } from '../../../harness/build.ts';

const merge = (...removes: Merge['removes']) => ({ removes }) as unknown as Merge;
const DONE = merge();
const RUNNING = { succeeded: false, leftOld: false };
const removing = intent('a', [0], { deleting: true, deletionPolicy: 'Remove' });

describe('an object that is deleted with Remove', () => {
  it.each<[string, { operation?: RecordedOperation }, Merge, boolean, boolean, Release['why'][]]>([
    ['goes when ARM reports Succeeded without its certificates', {}, DONE, true, false, ['Removed']],
    ['stays while ARM does not say Succeeded', {}, DONE, false, false, []],
    ['stays while a certificate of it is in the list', {}, merge(named(0, 'team/a/ca')), true, false, []],
    [
      'goes while a certificate of another object is to leave',
      {},
      merge(named(1, 'team/b/ca')),
      true,
      false,
      ['Removed'],
    ],
    ['stays while an operation is recorded', { operation: operation() }, DONE, true, false, []],
    [
      'goes while the operation waits for nodes that AKS leaves old',
      { operation: operation() },
      DONE,
      true,
      true,
      ['Removed'],
    ],
    ['stays for such nodes where ARM does not say Succeeded', { operation: operation() }, DONE, false, true, []],
  ])('%s', (_what, record, merged, succeeded, leftOld, expected) => {
    expect(
      releasesOf([removing], { operation: undefined, ...record, succeeded, leftOld }, merged, () => []).map(
        ({ why }) => why,
      ),
    ).toEqual(expected);
  });
});

describe('an object that is deleted with Retain', () => {
  it('goes while anything runs', () => {
    const retained = intent('a', [0], { deleting: true });
    const suspended = intent('b', [0], { deleting: true, suspend: true, deletionPolicy: 'Remove' });
    const releases = releasesOf([retained, suspended], { operation: operation(), ...RUNNING }, DONE, () => []);
    expect(releases.map(({ why }) => why)).toEqual(['Retained', 'SuspendedRetained']);
  });
});
