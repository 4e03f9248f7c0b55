import { describe, expect, it } from '@jest/globals';
import { admit } from '../../../../src/cluster/observe/admit.ts';
import type { RecordStatus } from '../../../../src/cluster/model/record.ts';
import { OPEN_GRANTS } from '../../../../src/policy/policy.ts';
import { intent, mark, named, operation, slot } from '../../../harness/build.ts';

const emptied = intent('a', []);
const refused = { ...intent('a', [0]), frozen: 'NotAllowed', grants: { ...OPEN_GRANTS, target: false } } as const;
const slots = [slot(0, 'team/a/ca')];
const others = [{ name: 'team/b', uid: 'uid-b', generation: 1 }];

describe('an object that names a certificate of the record', () => {
  const noted = { objects: [{ name: 'team/a', uid: 'uid-a', generation: 1 }] };

  it.each<[string, RecordStatus]>([
    ['the list', { slots }],
    ['an element of several', { slots: [{ opaque: true, digest: 'd', contains: slots }] }],
    ['what another client took out', { missing: [named(0, 'team/a/ca')] }],
    ['what is on its way', { operation: operation({ adds: [named(0, 'team/a/ca')] }) }],
    ['what was given up and may arrive all the same', { discarded: [named(0, 'team/a/ca')] }],
  ])('has a share where that is in %s', (_, record) => {
    expect(admit([emptied], { ...record, ...noted }).intents[0]?.frozen).toBe('Emptied');
    expect(admit([refused], record).outsiders).toEqual([]);
  });

  it('has a share where its name was cut from a certificate with too many names, and no status is asked for that', () => {
    const crowd = Array.from({ length: 16 }, (_, index) => `team/other-${index}/ca`);
    const cut = { slots: [slot(0, ...crowd)], objects: [{ ...noted.objects[0]!, nameCut: true }] };
    expect(admit([emptied], cut).intents[0]?.frozen).toBe('Emptied');
    expect(admit([emptied], { ...cut, ...noted }).intents[0]?.frozen).toBeUndefined();
    const certificates = [{ name: 'ca', index: 0, fingerprintSHA256: mark(0), state: 'Trusted' as const }];
    const edited = intent('a', [], { status: { certificates } });
    expect(admit([edited], { ...cut, ...noted }).intents[0]?.frozen).toBeUndefined();
  });

  it('has none where it takes part without a certificate', () => {
    expect(admit([emptied], { slots: [], ...noted }).intents[0]?.frozen).toBeUndefined();
  });

  it.each<[string, RecordStatus, boolean]>([
    ['notes it', { slots, objects: [...others, { name: 'team/a', uid: 'uid-a', generation: 1 }] }, true],
    ['is of an older version and notes none', { slots }, true],
    ['has no room to note it', { slots, objects: others, objectsNotNoted: 1 }, true],
    ['notes another one of its name', { slots, objects: [{ name: 'team/a', uid: 'x', generation: 1 }] }, false],
    ['notes all that there were, and not it', { slots, objects: others }, false],
  ])('has a share where the record %s: %j', (_, record, has) => {
    expect(admit([emptied], record).intents[0]?.frozen).toBe(has ? 'Emptied' : undefined);
    expect(admit([refused], record).intents).toHaveLength(has ? 1 : 0);
  });
});
