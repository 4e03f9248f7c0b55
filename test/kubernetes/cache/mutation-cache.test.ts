import { describe, expect, it } from '@jest/globals';
import { createMutationCache } from '../../../src/kubernetes/cache/mutation-cache.ts';

const version = (resourceVersion: string, options: { uid?: string; generation?: number } = {}) => ({
  metadata: { name: 'a', uid: 'u', generation: 1, resourceVersion, ...options },
});

describe('an object that we wrote', () => {
  it('is answered with what we wrote while the cache shows what we wrote over', () => {
    const overlay = createMutationCache();
    overlay.note(version('1'), version('2'));
    expect(overlay.resolve(version('1'))).toEqual(version('2'));
  });

  it('is answered with the last of several writes, whichever of them the cache shows', () => {
    const overlay = createMutationCache();
    overlay.note(version('1'), version('2'));
    overlay.note(version('2'), version('3'));
    expect(overlay.resolve(version('1'))).toEqual(version('3'));
    expect(overlay.resolve(version('2'))).toEqual(version('3'));
  });

  it('is answered from the cache once that shows our write or a later one', () => {
    for (const cached of ['2', '7']) {
      const overlay = createMutationCache();
      overlay.note(version('1'), version('2'));
      expect(overlay.resolve(version(cached))).toEqual(version(cached));
      expect(overlay.resolve(version('1'))).toEqual(version('1'));
    }
  });

  it('is not answered with an edit that came in between: the watch brings it in its order', () => {
    const overlay = createMutationCache();
    overlay.noteUnlessEdited(version('1'), version('3', { generation: 2 }));
    expect(overlay.resolve(version('1'))).toEqual(version('1'));
  });

  it('is distinguished from another object of the same name', () => {
    const overlay = createMutationCache();
    overlay.note(version('1'), version('2'));
    const other = version('1', { uid: 'other' });
    expect(overlay.resolve(other)).toBe(other);
  });

  it('is forgotten with the object', () => {
    const overlay = createMutationCache();
    overlay.note(version('1'), version('2'));
    overlay.forget('u');
    expect(overlay.resolve(version('1'))).toEqual(version('1'));
  });

  it('is not kept once the watch brought it, however late or early the answer comes', () => {
    const late = createMutationCache();
    late.note(version('1'), version('2'));
    late.brought(version('1'));
    expect(late.size).toBe(1);
    late.brought(version('2'));
    expect(late.size).toBe(0);

    const early = createMutationCache(() => '2');
    early.note(version('1'), version('2'));
    expect(early.size).toBe(0);
    const behind = createMutationCache(() => '1');
    behind.note(version('1'), version('2'));
    expect(behind.resolve(version('1'))).toEqual(version('2'));
    const gone = createMutationCache(() => undefined);
    gone.note(version('1'), version('2'));
    expect(gone.size).toBe(0);
  });
});
