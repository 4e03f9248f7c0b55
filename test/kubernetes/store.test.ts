import { describe, expect, it } from '@jest/globals';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import { Store } from '../../src/kubernetes/store.ts';

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

describe('a store', () => {
  const store = () => new Store<Labelled>({ indexers: { target: ({ targets }) => targets } });

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

  it('finds objects by each of their index keys', () => {
    const indexed = store();
    indexed.set(object('a', ['x', 'y']));
    indexed.set(object('b', ['y']));
    expect(names(indexed.byIndex('target', 'x'))).toEqual(['a']);
    expect(names(indexed.byIndex('target', 'y'))).toEqual(['a', 'b']);
    expect(indexed.byIndex('target', 'z')).toEqual([]);
  });

  it('no longer finds an object by a key that it lost, nor after it is deleted', () => {
    const indexed = store();
    indexed.set(object('a', ['x', 'y']));
    indexed.set(object('a', ['y']));
    expect(indexed.byIndex('target', 'x')).toEqual([]);
    expect(names(indexed.byIndex('target', 'y'))).toEqual(['a']);
    indexed.delete(object('a', []));
    expect(indexed.byIndex('target', 'y')).toEqual([]);
    expect(indexed.size).toBe(0);
  });

  it('refuses an index that it does not have', () => {
    expect(() => store().byIndex('owner', 'x')).toThrow('no index owner');
  });
});
