import { describe, expect, it } from '@jest/globals';
import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { Store } from '../../src/kubernetes/cache/store.ts';
import { SOURCES } from '../../src/sources/index.ts';
import { refsOf, textsOf } from '../../src/sources/resolve.ts';
import type { Entry } from '../../src/sources/source.ts';
import { readTrustIntent } from '../../src/cluster/model/intent.ts';
import { intent, pem, reader, trust } from '../harness/build.ts';
import { toySource } from './toy-source.ts';

const shelf = new Map([['team/roots', pem(1)]]);
const sources = [...SOURCES, toySource(shelf)];

function withToys(name: string, ...toys: string[]): CustomCATrust {
  const object = trust(name, [0]);
  const entries = toys.map((toy) => ({ name: toy, toyRef: { name: toy } }) as unknown as Entry);
  return { ...object, spec: { ...object.spec, certificates: [...(object.spec.certificates ?? []), ...entries] } };
}

describe('the entries of an object', () => {
  it('are read by the source whose member they have, in their order', () => {
    expect(textsOf(withToys('a', 'roots', 'lost'), sources)).toMatchObject([
      { entry: 'ca', inline: true, text: pem(0) },
      { entry: 'roots', inline: false, text: pem(1) },
      { entry: 'lost', inline: false, problem: { kind: 'SourceNotFound' } },
    ]);
  });

  it('name what they are read from, so that a change of it finds the objects', () => {
    const byRef = (object: CustomCATrust) =>
      refsOf(object, sources).map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`);
    const store = new Store<CustomCATrust>({ indexers: { byRef } });
    for (const object of [withToys('a', 'roots', 'lost'), withToys('b', 'lost'), withToys('c')]) store.set(object);
    const readBy = (ref: string) => store.byIndex('byRef', ref).map(({ metadata }) => metadata.name);
    expect(readBy('Toy team/lost').sort()).toEqual(['a', 'b']);
    expect(readBy('Toy team/roots')).toEqual(['a']);
    expect(readBy('Toy other/roots')).toEqual([]);
  });
});

describe('the token of an object', () => {
  const tokenOf = (object: CustomCATrust, texts: ReadonlyMap<string, string>) =>
    readTrustIntent(object, textsOf(object, [...SOURCES, toySource(texts)]), (text) => reader.readSource(text)).token;

  it('has nothing of texts that are in the object itself', () => {
    expect(tokenOf(trust('a', [0]), shelf)).toBe(intent('a', [1, 2]).token);
  });

  it('is another for each text of a source outside of it, and for none', () => {
    const object = withToys('a', 'roots');
    const texts = [shelf, new Map([['team/roots', pem(2)]]), new Map([['team/roots', '']]), new Map<string, string>()];
    expect(new Set(texts.map((one) => tokenOf(object, one))).size).toBe(4);
    expect(tokenOf(object, shelf)).toBe(tokenOf(object, new Map(shelf)));
  });
});
