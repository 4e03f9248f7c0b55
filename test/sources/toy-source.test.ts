import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { CustomCATrustSpec } from '../../src/api/generated/customcatrusts.ts';
import { SOURCES } from '../../src/sources/index.ts';
import type { Entry } from '../../src/sources/source.ts';
import {
  BAD_PEM,
  failure,
  HOUR,
  MINUTE,
  pem,
  SECOND,
  trust,
  type Entries,
  type TrustOptions,
} from '../harness/build.ts';
import { passesFor, reasonOf, rootsOf, sentBy } from '../harness/follow.ts';
import { World } from '../harness/world.ts';
import { memoryRig, type MemoryRig, type Seams } from '../harness/memory-rig.ts';
import { toySource } from './toy-source.ts';

let shelf: Map<string, string>;
let rig: MemoryRig;
let seams: Seams;
beforeEach(() => {
  shelf = new Map();
  seams = {};
  rig = memoryRig({}, () => ({
    // The line: with it, entries with `toyRef` are read. No other part of the controller knows of them.
    sources: [...SOURCES, toySource(shelf)],
    put: (...args) => seams.put?.(...args),
    whileReading: () => seams.whileReading?.(),
    beforeRecord: () => seams.beforeRecord?.(),
  }));
});

const fromToy = (name: string) => ({ name: 'toy', toyRef: { name } }) as unknown as Entry;

/** An object with one entry from a toy, and entries of its own. */
function withToy(name: string, toy: string, entries: Entries = [], options: TrustOptions = {}) {
  const object = trust(name, entries, { allowEmpty: true, ...options });
  return { ...object, spec: { ...object.spec, certificates: [...(object.spec.certificates ?? []), fromToy(toy)] } };
}

/** Changes the spec, as `kubectl apply` does. */
function edit(name: string, change: (spec: CustomCATrustSpec) => CustomCATrustSpec): void {
  const { metadata, spec, ...object } = rig.objects.get(`team/${name}`)!;
  rig.add({ ...object, metadata: { ...metadata, generation: (metadata.generation ?? 0) + 1 }, spec: change(spec) });
}

/** Passes a minute apart. */
async function passes(count = 6): Promise<void> {
  for (let pass = 0; pass < count; pass++) {
    rig.now += MINUTE;
    await rig.pass();
  }
}

const says = (name: string, type: string) => rig.condition(`team/${name}`, type);
const rowsOf = (name: string) => rig.objects.get(`team/${name}`)?.status?.certificates;
const lastPut = () => rig.puts.at(-1)?.flat();

describe('an entry with a source outside of the object', () => {
  it('is read, sent and reported like one with its own text', async () => {
    shelf.set('team/roots', pem(0) + pem(1));
    rig.add(withToy('a', 'roots', [2]));
    await passes();
    expect(rig.puts).toEqual([[[2], [0], [1]]]);
    expect(rowsOf('a')?.map(({ name, index, state }) => [name, index, state])).toEqual([
      ['ca', 0, 'Trusted'],
      ['toy', 0, 'Trusted'],
      ['toy', 1, 'Trusted'],
    ]);
    expect(says('a', 'Ready')).toMatchObject({ status: 'True', reason: 'Trusted' });
  });

  it('changes the list when the source changes, without an edit of the object', async () => {
    shelf.set('team/roots', pem(0));
    rig.add(withToy('a', 'roots'));
    await passes();
    shelf.set('team/roots', pem(1));
    await passes();
    expect(rig.puts).toEqual([[[0]], [[1]]]);
    expect(says('a', 'Ready')).toMatchObject({ status: 'True', reason: 'Trusted' });
  });

  it('sends nothing when the source has the same certificates in another form', async () => {
    shelf.set('team/roots', pem(0) + pem(1));
    rig.add(withToy('a', 'roots'));
    await passes();
    shelf.set('team/roots', `# renewed\r\n${pem(1).replaceAll('\n', '\r\n')}${pem(0)}`);
    await passes();
    expect(rig.puts).toHaveLength(1);
  });

  it('reads nothing of another namespace', async () => {
    shelf.set('other/roots', pem(0));
    rig.add(withToy('a', 'roots'));
    await passes();
    expect(rig.puts).toEqual([]);
    expect(says('a', 'CertificatesValid')?.reason).toBe('SourceNotFound');
  });

  it('settles anew when its source changes', async () => {
    shelf.set('team/roots', pem(0));
    rig.add(withToy('a', 'roots', [], { settleSeconds: 90 }));
    await passes(2);
    shelf.set('team/roots', pem(1));
    await passes(2);
    expect([rig.puts, says('a', 'Applied')?.reason]).toEqual([[], 'Settling']);
    await passes(2);
    expect(rig.puts).toEqual([[[1]]]);
  });
});

describe('a source that was never found', () => {
  beforeEach(async () => {
    rig.add(withToy('a', 'roots', [0]), trust('b', [1]));
    await passes();
  });

  it('holds its object and no other', () => {
    expect(rig.puts).toEqual([[[1]]]);
    expect(says('b', 'Ready')).toMatchObject({ status: 'True', reason: 'Trusted' });
    expect(says('a', 'Ready')).toMatchObject({ status: 'False', reason: 'SourceNotFound' });
  });

  it('is named with its entry, the cause and the fix, as condition, row and event', () => {
    const cause = 'The toy roots was not found. Put it on the shelf, or remove the entry.';
    expect(says('a', 'CertificatesValid')).toMatchObject({
      status: 'False',
      reason: 'SourceNotFound',
      message: `Entry "toy": ${cause}`,
    });
    expect(says('a', 'Applied')).toMatchObject({ status: 'False', reason: 'Held' });
    expect(says('a', 'Applied')?.message).toMatch(/^Not applied: the source of at least one entry cannot be read/);
    expect(rowsOf('a')).toMatchObject([
      { name: 'ca', state: 'Pending' },
      { name: 'toy', index: 0, state: 'Invalid', message: cause },
    ]);
    const events = rig.events.filter(({ object }) => object === 'team/a');
    expect(events).toEqual([
      { object: 'team/a', event: { type: 'Warning', reason: 'SourceNotFound', message: `Entry "toy": ${cause}` } },
    ]);
  });

  it('is one of the first three that are spelled out, before bad certificates', async () => {
    const toys = ['b', 'c', 'd', 'e'].map((name) => ({ ...fromToy(name), name }));
    edit('a', (spec) => ({ ...spec, certificates: [{ name: 'ca', pem: BAD_PEM }, ...toys] }));
    await passes();
    const spelled = ['b', 'c', 'd'].map(
      (name) => `Entry "${name}": The toy ${name} was not found. Put it on the shelf, or remove the entry.`,
    );
    const message = [...spelled, 'The sources of 1 other entry cannot be read (see the rows).'].join(' ');
    expect(says('a', 'CertificatesValid')).toMatchObject({ reason: 'SourceNotFound', message });
  });

  it('is waited for with patience: the object is Stalled only after a while, without any other change', async () => {
    expect(says('a', 'Stalled')).toBeUndefined();
    const since = rig.now;
    while (!says('a', 'Stalled') && rig.now < since + HOUR) {
      const { afterMs, resting } = await rig.pass();
      expect(resting).toBeUndefined();
      rig.now += afterMs;
    }
    expect(says('a', 'Stalled')).toMatchObject({ status: 'True', reason: 'SourceNotFound' });
    expect(rig.now - since).toBeLessThanOrEqual(30 * MINUTE);
  });

  it('releases the object when it appears', async () => {
    shelf.set('team/roots', pem(2));
    await passes();
    expect(rig.puts).toEqual([[[1]], [[1], [0], [2]]]);
    expect(says('a', 'Ready')).toMatchObject({ status: 'True', reason: 'Trusted' });
    expect(says('a', 'CertificatesValid')?.status).toBe('True');
  });
});

describe('a source that is gone is never empty:', () => {
  const unchanged = (spec: CustomCATrustSpec) => spec;
  beforeEach(async () => {
    shelf.set('team/roots', pem(0) + pem(1));
    rig.add(withToy('a', 'roots', [2]), trust('b', [3]));
    await passes();
    expect(lastPut()).toEqual([2, 0, 1, 3]);
  });

  it.each<[string, (spec: CustomCATrustSpec) => CustomCATrustSpec]>([
    ['as it is', unchanged],
    ['with bad certificates skipped', (spec) => ({ ...spec, invalidCertificates: 'Skip' })],
    ['with no other entry left', (spec) => ({ ...spec, certificates: [fromToy('roots')] })],
    ['under the name of another source', (spec) => ({ ...spec, certificates: [fromToy('other')] })],
  ])('the share of its object stays, %s', async (_how, change) => {
    shelf.clear();
    edit('a', change);
    await passes();
    edit('b', (spec) => ({ ...spec, certificates: [{ name: 'ca', pem: pem(4) }] }));
    await passes();
    expect(rig.puts).toHaveLength(2);
    expect(lastPut()?.toSorted()).toEqual([0, 1, 2, 4]);
    expect(says('b', 'Ready')).toMatchObject({ status: 'True', reason: 'Trusted' });
    expect(says('a', 'Applied')).toMatchObject({ status: 'False', reason: 'Held' });
    // What the source has now may not be on any node.
    expect(says('a', 'NodesReimaged')).toMatchObject({ status: 'Unknown', reason: 'ChangeNotSent' });
  });

  it('unmanaged certificates stay as well, also when all objects ask for their removal', async () => {
    rig.arm = { ...rig.arm, elements: [...rig.arm.elements, btoa(pem(5))] };
    shelf.clear();
    for (const name of ['a', 'b']) edit(name, (spec) => ({ ...spec, unmanagedCertificates: 'Remove' }));
    await passes();
    expect(rig.puts).toHaveLength(1);
  });

  it('its certificates leave when the entry is removed', async () => {
    shelf.clear();
    await passes();
    edit('a', (spec) => ({ ...spec, certificates: spec.certificates?.slice(0, 1) ?? [] }));
    await passes();
    expect(lastPut()).toEqual([2, 3]);
  });

  it.each([
    ['Retain', [2, 0, 1, 3]],
    ['Remove', [3]],
  ] as const)('its object can be deleted with %s', async (deletionPolicy, left) => {
    shelf.clear();
    const { metadata, ...object } = rig.objects.get('team/a')!;
    const deletionTimestamp = new Date(rig.now).toISOString();
    rig.add({ ...object, metadata: { ...metadata, deletionTimestamp }, spec: { ...object.spec, deletionPolicy } });
    await passes();
    expect([lastPut(), rig.objects.has('team/a')]).toEqual([left, false]);
  });

  it('its object goes on where the source comes back, changed or not', async () => {
    shelf.clear();
    await passes();
    shelf.set('team/roots', pem(0) + pem(1));
    await passes();
    expect(rig.puts).toHaveLength(1);
    expect(says('a', 'Ready')).toMatchObject({ status: 'True', reason: 'Trusted' });
    shelf.clear();
    await passes();
    shelf.set('team/roots', pem(1));
    await passes();
    expect(lastPut()).toEqual([2, 1, 3]);
  });
});

it('a source that goes during an operation takes nothing back, and changes nothing when it returns', async () => {
  const world = new World({ eTags: true, nodeAccess: true, sources: [...SOURCES, toySource(shelf)] });
  world.objects.set('team/a', withToy('a', 'roots', [], { nodeAccess: true }));
  shelf.set('team/roots', pem(0));
  while (!(await world.pass()).sent) world.wait(SECOND);
  shelf.clear();
  expect(sentBy(await passesFor(world, HOUR))).toEqual([]);
  expect(rootsOf(world)).toEqual([0]);
  expect(world.record?.operation).toBeUndefined();
  expect(reasonOf(world, 'a', 'Ready')).toBe('SourceNotFound');
  shelf.set('team/roots', pem(0));
  expect(sentBy(await passesFor(world, HOUR))).toEqual([]);
  expect(reasonOf(world, 'a', 'Ready')).toBe('Trusted');
});

describe('a change of a source counts like an edit:', () => {
  it('it releases what ARM rejected', async () => {
    seams = { put: () => ({ ok: false, failure: failure(400, 'BadRequest', { message: CANNOT_DECODE }) }) };
    shelf.set('team/roots', pem(0));
    rig.add(withToy('a', 'roots'));
    await passes();
    expect(says('a', 'Applied')?.reason).toBe('CertificateRejected');
    await passes();
    expect(rig.puts).toHaveLength(1);
    seams = {};
    shelf.set('team/roots', pem(1));
    await passes();
    expect(rig.puts).toEqual([[[0]], [[1]]]);
  });

  it.each<[string, () => void]>([
    ['changed', () => shelf.set('team/roots', pem(1))],
    ['went away', () => shelf.clear()],
  ])('what was decided before the source %s is not sent after', async (_how, change) => {
    shelf.set('team/roots', pem(0));
    rig.add(withToy('a', 'roots'));
    seams = {
      // So late that the cluster is read again before the write.
      beforeRecord: () => void (rig.now += 3 * SECOND),
      whileReading: () => rig.reads === 2 && change(),
    };
    await rig.pass();
    expect(rig.reads).toBe(2);
    expect(rig.puts).toEqual([]);
  });
});

it('an entry whose source this version does not know holds its object, and says so', async () => {
  rig = memoryRig();
  rig.add(withToy('a', 'roots', [0]), trust('b', [1]));
  await passes();
  expect(rig.puts).toEqual([[[1]]]);
  expect(says('a', 'Ready')).toMatchObject({ status: 'False', reason: 'SourceUnreadable' });
  expect(says('a', 'Ready')?.message).toBe(
    'Entry "toy": This version of the controller cannot read the source of the entry. It can read: pem. Update the controller, or use another source.',
  );
});

it('CONTRIBUTING.md shows this very source', () => {
  const page = readFileSync(new URL('../../CONTRIBUTING.md', import.meta.url), 'utf8').replaceAll('\n   ', '\n');
  const source = readFileSync(new URL('toy-source.ts', import.meta.url), 'utf8');
  expect(page).toContain(`\`\`\`ts\n${source}\`\`\`\n`);
});

const CANNOT_DECODE = 'cannot decode SecurityProfile.CustomCATrustCertificates';
