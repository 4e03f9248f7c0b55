import { describe, expect, it } from '@jest/globals';
import type { TargetClusterStatus } from '../../src/api/generated/targetclusters.ts';

import { faultsOfAttempt, faultsOfStep } from './record-rules.ts';

type Operation = NonNullable<TargetClusterStatus['operation']>;

const rows = (...fingerprints: string[]) => fingerprints.map((fingerprintSHA256) => ({ fingerprintSHA256 }));
const difference = (come: string[], gone: string[] = []) => ({ come: new Set(come), gone: new Set(gone) });

describe('the rules of an attempt', () => {
  it.each([
    [[], 'what the record adds and removes', { attempts: 1, adds: rows('a'), removes: rows('b') }, [['a'], ['b']]],
    [[], 'the list that is there, again', { attempts: 2, adds: rows('a') }, [[]]],
    [['no certificate comes or goes'], 'nothing at first', { attempts: 1 }, [[]]],
    [['the record does not say what comes and goes'], 'more', { attempts: 1, adds: rows('a') }, [['a', 'b']]],
    [['the record does not say what comes and goes'], 'less', { attempts: 1, adds: rows('a', 'b') }, [['a']]],
    [['the record does not say what comes and goes'], 'a removal', { attempts: 1, adds: rows('a') }, [['a'], ['b']]],
    [['a list that is sent again is not the one that is there'], 'a change, again', { attempts: 2 }, [['a']]],
  ] as const)('find %j in one that sends %s', (faults, _, attempt, [come, gone = []]) => {
    const { attempts, ...change } = { adds: [], removes: [], ...attempt };
    const updateTrust = { listDigest: '', adds: [...change.adds], removes: [...change.removes] };
    expect(faultsOfAttempt({ attempts, updateTrust }, difference([...come], [...gone]))).toEqual(faults);
  });
});

describe('the rules of a recorded operation', () => {
  const begun: Operation = {
    id: '1',
    kind: 'UpdateTrust',
    updateTrust: { listDigest: 'x' },
    phase: 'Sent',
    startedAt: '2026-01-01T00:00:00.000Z',
    attempts: 1,
    lastAttemptAt: '2026-01-01T00:00:00.000Z',
    baseline: '2025-12-31T00:00:00Z',
    countedBy: 'nodes',
    otherBaselines: [{ countedBy: 'ops/nodes', baseline: '2025-12-30T00:00:00Z' }],
  };
  const step = (changes: Partial<Operation>) =>
    faultsOfStep({ operation: begun }, { operation: { ...begun, ...changes } });

  it('let it be sent again, end, or be followed by another one', () => {
    expect(step({ attempts: 2, phase: 'Rolling' })).toEqual([]);
    expect(faultsOfStep({ operation: begun }, {})).toEqual([]);
    expect(faultsOfStep({}, { operation: begun })).toEqual([]);
    expect(step({ id: '2', updateTrust: { listDigest: 'y' } })).toEqual([]);
  });

  it('let another of its counts be used', () => {
    const changed = {
      baseline: '2025-12-30T00:00:00Z',
      countedBy: 'ops/nodes',
      otherBaselines: [{ countedBy: 'nodes', baseline: '2025-12-31T00:00:00Z' }],
    };
    expect(step(changed)).toEqual([]);
  });

  it.each([
    ['listDigest', { updateTrust: { listDigest: 'y' } }],
    ['startedAt', { startedAt: '2026-01-02T00:00:00.000Z' }],
    ['baselines', { baseline: '2026-01-01T00:00:00Z' }],
    ['baselines', { otherBaselines: [] }],
  ])('find another %s', (what, changes) => {
    expect(step(changes)).toEqual([expect.stringContaining(`keeps its ${what}`)]);
  });
});
