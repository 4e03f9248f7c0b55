import { describe, expect, it } from '@jest/globals';
import type { TrustIntent } from '../../../../src/cluster/model/intent.ts';
import { NAMES_LIMIT } from '../../../../src/cluster/model/record-size.ts';
import { discoverClaims, rememberedClaims, currentOwners } from '../../../../src/cluster/kinds/update-trust/owners.ts';
import type { Claim } from '../../../../src/cluster/model/trust.ts';
import { BAD_PEM, element, intent, listOf, mark, named, operation, pem, slot } from '../../../harness/build.ts';

const OURS = 'team/a/ca';

/** As many names as a row keeps: some may be lost. */
const CUT = Array.from({ length: NAMES_LIMIT }, (_, index) => `team/n${index}/ca`);
const claim = (...namedBy: string[]): Claim => ({ managed: namedBy.length > 0, foreign: false, namedBy });

describe('what the record remembers of claims', () => {
  it.each([
    ['a slot of the list', { slots: [slot(0, OURS)] }],
    ['what an operation was about to add', { slots: [], operation: operation({ adds: [named(0, OURS)] }) }],
    ['what a discarded operation may still add', { slots: [], discarded: [named(0, OURS)] }],
    ['a certificate that another client removed', { slots: [], missing: [named(0, OURS)] }],
    ['what an operation was about to remove', { slots: [], operation: operation({ removes: [named(0, OURS)] }) }],
    [
      'one of several in an element',
      {
        slots: [
          { opaque: true, digest: 'd', contains: [{ fingerprintSHA256: mark(0), managed: true, namedBy: [OURS] }] },
        ],
      },
    ],
  ])('has %s as ours', (_what, record) => {
    expect(rememberedClaims(record).get(mark(0))).toEqual(claim(OURS));
  });

  it('has what was there before us as unmanaged', () => {
    expect(rememberedClaims({ slots: [slot(0)] }).get(mark(0))).toEqual(claim());
  });

  it('remembers that another client added a certificate', () => {
    const record = { slots: [{ ...slot(0), foreign: true }] };
    expect(rememberedClaims(record).get(mark(0))).toEqual({ managed: false, foreign: true, namedBy: [] });
  });

  it('has nothing of an element that cannot be read', () => {
    expect(rememberedClaims({ slots: [{ opaque: true, digest: 'd' }] }).size).toBe(0);
  });

  it('has an addition as unmanaged once every object that named it departed', () => {
    const record = { slots: [], operation: operation({ adds: [named(0)] }) };
    expect(rememberedClaims(record).get(mark(0))).toEqual(claim());
  });

  it('leaves an unmanaged slot alone, whatever an operation removes without a name', () => {
    const record = { slots: [slot(0)], operation: operation({ removes: [named(0)] }) };
    expect(rememberedClaims(record).get(mark(0))).toEqual(claim());
  });

  it('trusts a slot of the list over an older discarded operation', () => {
    const record = { slots: [slot(0)], discarded: [named(0, 'team/long-gone-naming/ca')] };
    expect(rememberedClaims(record).get(mark(0))).toEqual(claim());
  });
});

describe('a certificate that the record does not know', () => {
  it('was there from the beginning when the record is new', () => {
    const claims = discoverClaims(new Map(), listOf(element(0)), {});
    expect(claims.get(mark(0))).toEqual(claim());
  });

  it('came from another client when the record has seen a list before', () => {
    const claims = discoverClaims(new Map(), listOf(element(0)), { slots: [] });
    expect(claims.get(mark(0))).toEqual({ managed: false, foreign: true, namedBy: [] });
  });

  it('does not change a claim that is remembered', () => {
    const claims = discoverClaims(new Map([[mark(0), claim(OURS)]]), listOf(element(0)), { slots: [] });
    expect(claims.get(mark(0))).toEqual(claim(OURS));
  });
});

describe('claims as the objects make them now', () => {
  const LIST = listOf(element(0), element(1));
  const adopted = (...namedBy: string[]) => ({ managed: false, adopted: true, foreign: false, namedBy });
  const known = new Map([
    [mark(0), claim(OURS)],
    [mark(1), claim()],
  ]);

  it('adopt a certificate that was in the list before an object named it, from any client', () => {
    const { claims, wanted } = currentOwners(known, LIST, [intent('b', { root: [1] })]);
    expect(claims.get(mark(1))).toEqual(adopted('team/b/root'));
    expect(wanted).toEqual(new Set([mark(1)]));
  });

  it('forget that another client added a certificate once an object names it', () => {
    const foreign = new Map([[mark(1), { managed: false, foreign: true, namedBy: [] }]]);
    expect(currentOwners(foreign, LIST, [intent('b', [1])]).claims.get(mark(1))?.foreign).toBe(false);
  });

  it('name every entry of every object once', () => {
    const objects = [intent('a', { x: [0, 0], y: [0] }), intent('b', [0])];
    expect(currentOwners(known, LIST, objects).claims.get(mark(0))?.namedBy).toEqual([
      'team/a/x',
      'team/a/y',
      'team/b/ca',
    ]);
  });

  it('keep the last names of a certificate that no object names any more, and do not want it', () => {
    const { claims, wanted } = currentOwners(known, LIST, [intent('a', [1])]);
    expect(claims.get(mark(0))).toEqual(claim(OURS));
    expect(wanted.has(mark(0))).toBe(false);
  });

  it.each([
    ['suspended', { suspend: true }],
    ['held by a bad certificate', {}],
  ])('keep the names of an object that is %s, whatever its spec says', (why, options) => {
    const entries = why === 'suspended' ? { other: [2] } : { other: [2], bad: BAD_PEM };
    const { claims, wanted } = currentOwners(known, LIST, [intent('a', entries, options)]);
    expect(claims.get(mark(0))).toEqual(claim(OURS));
    expect(wanted).toEqual(new Set([mark(0)]));
  });

  it('keep the names of an entry of which nothing reads, also where bad certificates are skipped', () => {
    const skipping = intent('a', { ca: BAD_PEM, other: [2] }, { invalidCertificates: 'Skip' });
    const { claims, wanted } = currentOwners(known, LIST, [skipping]);
    expect(claims.get(mark(0))).toEqual(claim(OURS));
    expect(wanted).toEqual(new Set([mark(0), mark(2)]));
  });

  it('keep what an entry of which nothing reads may have named, where the names of a certificate were cut', () => {
    const cut = new Map([[mark(0), claim(...CUT)]]);
    const unreadable = intent('lost', { ca: BAD_PEM, other: [2] }, { invalidCertificates: 'Skip' });
    expect(currentOwners(cut, LIST, [unreadable]).wanted).toEqual(new Set([mark(0), mark(2)]));
    expect(currentOwners(cut, LIST, [intent('lost', [2])]).wanted).toEqual(new Set([mark(2)]));
  });

  it('let go of what an entry had that skips a bad certificate and has others', () => {
    const skipping = intent('a', { ca: pem(1) + BAD_PEM }, { invalidCertificates: 'Skip' });
    expect(currentOwners(known, LIST, [skipping]).wanted).toEqual(new Set([mark(1)]));
  });

  it('do not want what only an object names that is being deleted', () => {
    const { claims, wanted } = currentOwners(known, LIST, [
      intent('a', [0], { deleting: true, deletionPolicy: 'Remove' }),
    ]);
    expect(wanted.size).toBe(0);
    expect(claims.get(mark(0))).toEqual(claim(OURS));
  });

  it('want what a frozen object names and the list has, so that it does not leave with another object', () => {
    const objects = [
      intent('a', [0], { deleting: true, deletionPolicy: 'Remove' }),
      intent('renamed', [0], { suspend: true }),
    ];
    const { claims, wanted } = currentOwners(known, LIST, objects);
    expect(wanted).toEqual(new Set([mark(0)]));
    expect(claims.get(mark(0))).toEqual(claim('team/renamed/ca'));
  });

  it('do not make ours what a frozen object names and was there before', () => {
    const { claims, wanted } = currentOwners(known, LIST, [intent('b', [1], { suspend: true })]);
    expect(claims.get(mark(1))).toEqual(claim());
    expect(wanted.size).toBe(0);
  });

  it('do not want a certificate that only a frozen object names and that was never in the list', () => {
    expect(currentOwners(known, LIST, [intent('b', [5], { suspend: true })]).wanted.size).toBe(0);
  });
});

describe('an adopted certificate', () => {
  const LIST = listOf(element(1));
  const adopted = (...namedBy: string[]) => ({ managed: false, adopted: true, foreign: false, namedBy });
  const known = new Map([[mark(1), adopted('team/a/ca', 'team/b/ca')]]);
  const grants = (intentOf: TrustIntent, adopt: boolean): TrustIntent => ({
    ...intentOf,
    grants: { ...intentOf.grants, adopt },
  });
  const gone = { managed: false, foreign: false, namedBy: [] };

  it('stays adopted while an object names it', () => {
    const { claims, wanted, retained } = currentOwners(known, LIST, [intent('a', []), intent('b', [1])]);
    expect([claims.get(mark(1)), wanted.size, retained.size]).toEqual([adopted('team/b/ca'), 1, 0]);
  });

  it.each([
    ['neither may take it out', [intent('a', []), intent('b', [])]],
    ['only one of the last may take it out', [grants(intent('a', [], { adopt: true }), true), intent('b', [])]],
    [
      'they ask for it and the policy does not allow it',
      ['a', 'b'].map((name) => grants(intent(name, [], { adopt: true }), false)),
    ],
    ['the policy allows it and they do not ask', ['a', 'b'].map((name) => grants(intent(name, []), true))],
    ['one of them is gone without a word', [grants(intent('a', [], { adopt: true }), true)]],
  ])('is unmanaged as before once no object names it, where %s', (_, intents) => {
    const { claims, wanted, retained } = currentOwners(known, LIST, intents);
    expect([claims.get(mark(1)), wanted.size]).toEqual([gone, 0]);
    expect([...retained]).toEqual([[mark(1), ['team/a', 'team/b']]]);
  });

  it('keeps its last names, so that it leaves, where all of the last may take it out', () => {
    const intents = ['a', 'b'].map((name) => grants(intent(name, [], { adopt: true }), true));
    const { claims, wanted, retained } = currentOwners(known, LIST, intents);
    expect([claims.get(mark(1)), wanted.size, retained.size]).toEqual([adopted('team/a/ca', 'team/b/ca'), 0, 0]);
  });

  it('stays where all whose names are known may take it out, and names were cut', () => {
    const mayTakeOut = CUT.map((_, index) => grants(intent(`n${index}`, [], { adopt: true }), true));
    const whole = currentOwners(new Map([[mark(1), adopted(...CUT.slice(1))]]), LIST, mayTakeOut);
    expect([whole.claims.get(mark(1)), whole.retained.size]).toEqual([adopted(...CUT.slice(1)), 0]);
    const cut = currentOwners(new Map([[mark(1), adopted(...CUT)]]), LIST, mayTakeOut);
    expect([cut.claims.get(mark(1)), cut.retained.size]).toEqual([gone, 1]);
  });

  it('is ours once another client took it out and an object still names it', () => {
    const { claims } = currentOwners(known, listOf(), [intent('a', [1])]);
    expect(claims.get(mark(1))).toEqual(claim('team/a/ca'));
  });

  it('that an older version recorded as managed stays managed', () => {
    const older = rememberedClaims({ slots: [slot(1, 'team/a/ca')] });
    expect(currentOwners(older, LIST, [intent('a', [1])]).claims.get(mark(1))).toEqual(claim('team/a/ca'));
  });

  it('is remembered by the record', () => {
    const slots = [{ ...named(1, 'team/a/ca'), managed: false, adopted: true }];
    expect(rememberedClaims({ slots }).get(mark(1))).toEqual(adopted('team/a/ca'));
  });
});
