import { describe, expect, it } from '@jest/globals';
import type { KubernetesObject } from '../../../src/kubernetes/object.ts';
import type { Packing } from '../../../src/kubernetes/cache/packing.ts';
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

/** Notes what is packed and unpacked. */
function counting(): Packing<Labelled> & { readonly packed: string[]; readonly unpacked: string[] } {
  const [packed, unpacked]: [string[], string[]] = [[], []];
  return {
    packed,
    unpacked,
    lift(object) {
      packed.push(object.metadata.name);
      return { rest: object, texts: [] };
    },
    restore({ rest }) {
      unpacked.push((rest as Labelled).metadata.name);
      return rest as Labelled;
    },
  };
}

const indexers = { target: ({ targets }: Labelled) => targets };

describe.each<[string, () => StoreOptions<Labelled>]>([
  ['a store', () => ({})],
  ['a store that packs', () => ({ pack: counting(), hot: 1 })],
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

  it('names all its objects and hands them out one by one', () => {
    const full = store();
    for (const name of ['a', 'b', 'c']) full.set(object(name, [], 'n'));
    expect([...full.versions()].map(({ key }) => key)).toEqual(['n/a', 'n/b', 'n/c']);
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

  it('still reads a replaced version for a caller that asked for it before', () => {
    const changing = store();
    changing.set(object('a', ['old']));
    const before = changing.known(undefined, 'a');
    changing.set(object('a', ['new']));
    changing.delete(object('a', []));
    expect(before?.read().targets).toEqual(['old']);
    expect(changing.known(undefined, 'a')).toBeUndefined();
  });
});

describe('a store that packs', () => {
  it('packs what is new at once, and unpacks nothing to tell versions, index keys and lost objects', () => {
    const pack = counting();
    const store = new Store<Labelled>({ indexers, pack });
    for (const name of ['a', 'b', 'c']) store.set(version(name, '1'));
    store.set(version('a', '2'));
    store.delete(object('b', []));
    expect(pack.packed).toEqual(['a', 'b', 'c', 'a']);
    expect([...store.versions()].map(({ key, uid, resourceVersion }) => [key, uid, resourceVersion])).toEqual([
      ['a', 'uid-a', '2'],
      ['c', 'uid-c', '1'],
    ]);
    expect([...store.indexKeys('target')]).toEqual(['c', 'a']);
    expect(pack.unpacked).toEqual([]);
  });

  it('keeps as they are the objects that were used last', () => {
    const pack = counting();
    const store = new Store<Labelled>({ pack, hot: 2 });
    for (const name of ['a', 'b', 'c']) store.set(version(name, '1'));
    const a = store.get(undefined, 'a');
    store.get(undefined, 'b');
    expect(store.get(undefined, 'a')).toBe(a);
    store.get(undefined, 'c');
    expect(store.get(undefined, 'a')).toBe(a);
    expect(pack.unpacked).toEqual(['a', 'b', 'c']);
    store.get(undefined, 'b');
    expect(pack.unpacked).toEqual(['a', 'b', 'c', 'b']);
    // What was packed before does not have to be packed again.
    expect(pack.packed).toEqual(['a', 'b', 'c']);
  });

  it('packs the newer version of an object in use only once that is used no more', () => {
    const pack = counting();
    const store = new Store<Labelled>({ pack, hot: 1 });
    store.set(version('a', '1'));
    store.set(version('b', '1'));
    store.get(undefined, 'a');
    const newer = store.set(version('a', '2'));
    expect(store.get(undefined, 'a')).toBe(newer);
    expect(pack.packed).toEqual(['a', 'b']);
    store.get(undefined, 'b');
    expect(pack.packed).toEqual(['a', 'b', 'a']);
    expect(store.get(undefined, 'a')?.metadata.resourceVersion).toBe('2');
  });

  it('goes through all objects without a change to which are kept as they are', () => {
    const pack = counting();
    const store = new Store<Labelled>({ pack, hot: 1 });
    for (const name of ['a', 'b', 'c']) store.set(version(name, '1'));
    const a = store.get(undefined, 'a');
    expect([...store.objects()].map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c']);
    expect([...store.versions()].map((known) => known.read().metadata.name)).toEqual(['a', 'b', 'c']);
    expect(store.get(undefined, 'a')).toBe(a);
  });
});

function version(name: string, resourceVersion: string): Labelled {
  const made = object(name, [name]);
  return { ...made, metadata: { ...made.metadata, uid: `uid-${name}`, resourceVersion } };
}
