import { describe, expect, it } from '@jest/globals';
import { isCurrent, possiblyStale } from '../../../src/cluster/observe/stale-cache.ts';
import { intentNameOf, noteObjects } from '../../../src/cluster/model/noted-objects.ts';
import type { TrustIntent } from '../../../src/cluster/model/intent.ts';
import type { CustomCATrust } from '../../../src/api/generated/customcatrusts.ts';
import { CLUSTER_ID, toIntent as read, trust } from '../../harness/build.ts';

const { key } = CLUSTER_ID;

const a = read(trust('a', [0]));
const edited = read(trust('a', [0, 1], { generation: 2 }));
const again = read(trust('a', [0], { uid: 'another' }));
const b = read(trust('b', [1]));
const bare = read({ ...trust('b', [1]), metadata: { ...trust('b').metadata, finalizers: [] } });

describe('objects that the cache may have as they once were', () => {
  it.each<[string, readonly TrustIntent[] | undefined, readonly TrustIntent[], readonly string[]]>([
    ['none where it has the same ones', [a, b], [a, b], []],
    ['none that is newer than the record', [a], [edited], []],
    ['one that the record saw edited', [edited], [a], ['team/a']],
    ['one that it does not have', [a, b], [a], ['team/b']],
    ['one that was made again', [again], [a], ['team/a']],
    ['one that the record has let go of', [a], [a, b], ['team/b']],
    ['none that is new: its finaliser is yet to be set', [a], [a, bare], []],
    ['one that was known once, where there is no record', undefined, [a, bare], ['team/a']],
  ])('%s', (_what, recorded, cached, names) => {
    expect(possiblyStale(recorded && noteObjects({}, recorded), cached).map(intentNameOf)).toEqual(names);
  });

  it('none for a record that does not say', () => {
    expect(possiblyStale({}, [a])).toEqual([]);
  });
});

describe('an object in the cache', () => {
  it.each<[string, TrustIntent | undefined, CustomCATrust | undefined, boolean]>([
    ['is current when it is as the API server has it', a, a.object, true],
    ['is current with another status', a, { ...a.object, status: {} }, true],
    ['is current when neither has it', undefined, undefined, true],
    ['is current when the one of its name is for another cluster', undefined, elsewhere(a.object), true],
    ['is not when it was edited', a, edited.object, false],
    ['is not when it was made again', a, again.object, false],
    ['is not when it is gone', a, undefined, false],
    ['is not when it is there and the cache lacks it', undefined, a.object, false],
    ['is not when it is being deleted', a, trust('a', [0], { deleting: true }), false],
  ])('%s', (_what, cached, now, current) => {
    expect(isCurrent(cached, now, key)).toBe(current);
  });
});

function elsewhere(object: CustomCATrust): CustomCATrust {
  const resourceId = object.spec.target.resourceId.replace(/[^/]+$/, 'elsewhere');
  return { ...object, spec: { ...object.spec, target: { resourceId } } };
}
