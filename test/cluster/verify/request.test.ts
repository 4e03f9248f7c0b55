import { describe, expect, it } from '@jest/globals';
import { listSinceOf } from '../../../src/cluster/verify/request.ts';
import { at, MINUTE, START } from '../../harness/build.ts';
import { wantedVerification } from './build.ts';

const applied = wantedVerification({ appliedAt: START });
const ofOthers = wantedVerification();
const now = START + 10 * MINUTE;

describe('since when the cluster has its list', () => {
  it('is since our last change, where it was ours', () => {
    expect(listSinceOf({}, applied, now)).toBe(START);
    const said = { listDigest: 'digest', listSince: at(START - MINUTE) };
    expect(listSinceOf(said, applied, now)).toBe(START);
  });

  it('is since it was first seen, where another client changed it', () => {
    expect(listSinceOf({ listDigest: 'another' }, ofOthers, now)).toBe(now);
    expect(listSinceOf({ listDigest: 'digest', listSince: at(START) }, ofOthers, now)).toBe(START);
  });

  it('is unknown where it was there before the first read', () => {
    expect(listSinceOf({}, ofOthers, now)).toBeUndefined();
    expect(listSinceOf({ listDigest: 'digest' }, ofOthers, now)).toBeUndefined();
  });
});
