import { describe, expect, it } from '@jest/globals';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import { createSharedTexts } from '../../../src/kubernetes/cache/shared-texts.ts';
import { Store, type StoreOptions } from '../../../src/kubernetes/cache/store.ts';

interface Labelled extends KubernetesObject {
  targets: string[];
}

function object(name: string, targets: string[], namespace?: string): Labelled {
  return {
    apiVersion: 'v1',
    kind: 'Labelled',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), managedFields: [{}] },
    targets,
  };
}

function names(objects: readonly Labelled[]): string[] {
  return objects.map(({ metadata }) => metadata.name).sort();
}

const indexers = { target: ({ targets }: Labelled) => targets };

describe.each<[string, () => StoreOptions<Labelled>]>([
  ['a store', () => ({})],
  ['a store that shares texts', () => ({ texts: createSharedTexts() })],
])('%s', (_which, options) => {
  const store = () => new Store<Labelled>({ indexers, ...options() });

  it('tells the same name in two namespaces apart', () => {
    const both = store();
    both.set(object('a', ['x'], 'one'));
    both.set(object('a', ['y'], 'two'));
    both.set(object('a', ['z']));
    expect(both.size).toBe(3);
    expect(both.get('two', 'a')?.targets).toEqual(['y']);
    expect(both.get(undefined, 'a')?.targets).toEqual(['z']);
    expect(both.get('three', 'a')).toBeUndefined();
  });

  it('drops managedFields and leaves the given object as it was', () => {
    const given = object('a', []);
    const kept = store().set(given);
    expect(kept.metadata).toEqual({ name: 'a' });
    expect(given.metadata.managedFields).toEqual([{}]);
  });

  it('drops what kubectl notes of the whole object, and no other annotation', () => {
    const noted = store();
    const given = object('a', []);
    given.metadata.annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{}', own: 'yes' };
    noted.set(given);
    expect(noted.get(undefined, 'a')?.metadata.annotations).toEqual({ own: 'yes' });
  });

  it('finds objects by each of their index keys', () => {
    const indexed = store();
    indexed.set(object('a', ['x', 'y']));
    indexed.set(object('b', ['y', 'y']));
    expect(names(indexed.byIndex('target', 'x'))).toEqual(['a']);
    expect(names(indexed.byIndex('target', 'y'))).toEqual(['a', 'b']);
    expect(indexed.byIndex('target', 'z')).toEqual([]);
    expect([...indexed.indexKeys('target')].sort()).toEqual(['x', 'y']);
  });

  it('no longer finds an object by a key that it lost, nor after it is deleted', () => {
    const indexed = store();
    indexed.set(object('a', ['x', 'y']));
    indexed.set(object('b', ['y']));
    indexed.set(object('a', ['y']));
    expect(indexed.byIndex('target', 'x')).toEqual([]);
    expect(names(indexed.byIndex('target', 'y'))).toEqual(['a', 'b']);
    indexed.delete(object('b', []));
    indexed.delete(object('a', []));
    indexed.delete(object('c', []));
    expect(indexed.byIndex('target', 'y')).toEqual([]);
    expect([...indexed.indexKeys('target')]).toEqual([]);
    expect(indexed.size).toBe(0);
  });

  it('refuses an index that it does not have', () => {
    expect(() => store().byIndex('owner', 'x')).toThrow('no index owner');
  });

  it('hands all its objects out one by one', () => {
    const full = store();
    for (const name of ['a', 'b', 'c']) full.set(object(name, [], 'n'));
    expect(names([...full.objects()])).toEqual(['a', 'b', 'c']);
  });

  it('refuses changes to its objects while tests run', () => {
    const frozen = store();
    const kept = frozen.set(object('a', ['x']));
    frozen.set(object('b', []));
    for (const held of [kept, frozen.get(undefined, 'a'), ...frozen.objects(), ...frozen.byIndex('target', 'x')]) {
      expect(() => held?.targets.push('y')).toThrow(TypeError);
      expect(() => Object.assign(held?.metadata ?? {}, { labels: {} })).toThrow(TypeError);
    }
  });

  it('leaves a replaced version as it is for a caller that has it', () => {
    const changing = store();
    changing.set(object('a', ['old']));
    const before = changing.get(undefined, 'a');
    changing.set(object('a', ['new']));
    changing.delete(object('a', []));
    expect(before?.targets).toEqual(['old']);
    expect(changing.get(undefined, 'a')).toBeUndefined();
  });
});
