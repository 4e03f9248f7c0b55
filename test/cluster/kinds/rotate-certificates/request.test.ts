import { describe, expect, it } from '@jest/globals';
import { OPEN_GRANTS } from '../../../../src/policy/policy.ts';
import {
  needsClusterCA,
  verdictsOf,
  type VerdictInput,
} from '../../../../src/cluster/kinds/rotate-certificates/request.ts';
import type { ClusterCA } from '../../../../src/cluster/model/observation.ts';
import type { RecordStatus } from '../../../../src/cluster/model/record.ts';
import { at, HOUR, mark, MINUTE, SECOND, START } from '../../../harness/build.ts';
import { rotationIntent, rotationName, type RotationOptions } from '../../../harness/rotation.ts';

const OLD = 40;
const NEW = 41;

/** The CA as read, made a year before START if not said otherwise. */
function caOf(root: number, createdAt = START - 365 * 24 * HOUR): ClusterCA {
  return { ok: true, fingerprint: mark(root), createdAt, notAfter: createdAt + 30 * 365 * 24 * HOUR, readAt: START };
}

const SEEN = (...roots: number[]): RecordStatus['rotation'] => ({
  casSeen: roots.map((root) => ({ fingerprintSHA256: mark(root), firstSeenAt: at(START) })),
});

const ROTATED = {
  startedAt: at(START - HOUR + SECOND),
  completedAt: at(START - HOUR / 2),
  startedBy: 'ThisController' as const,
  reason: 'Requested' as const,
  oldCA: mark(OLD),
  newCA: mark(NEW),
};

function verdict(options: RotationOptions, input: Partial<VerdictInput> = {}): string {
  const all = verdictsOf([rotationIntent('r', options)], { ca: caOf(OLD), memory: undefined, now: START, ...input });
  return all.get(rotationName('r'))!.kind;
}

describe('what an object asks for', () => {
  const ROWS: readonly [string, string, RotationOptions, Partial<VerdictInput>?][] = [
    ['nothing in mode Monitor, whatever it requests', 'Off', { mode: 'Monitor', replace: OLD }],
    ['nothing while it is suspended', 'Off', { suspend: true, replace: OLD }],
    ['nothing once it is being deleted', 'Off', { deleting: true, replace: OLD }],
    ['nothing without a request', 'NoRequest', {}],
    ['the rotation of the CA in place', 'Due', { replace: OLD }],
    ['nothing more where another CA is in place', 'AlreadyRotated', { replace: OLD }, { ca: caOf(NEW) }],
    ['nothing certain while the CA is not read', 'Unread', { replace: OLD }, { ca: undefined }],
    [
      'nothing more of a CA that another one followed, also while none is read',
      'AlreadyRotated',
      { replace: OLD },
      { ca: undefined, memory: SEEN(OLD, NEW) },
    ],
    [
      'nothing certain of a CA that was in place at the last read',
      'Unread',
      { replace: OLD },
      { ca: undefined, memory: SEEN(NEW, OLD) },
    ],
    ['nothing certain of a CA that was never seen', 'Unread', { replace: OLD }, { ca: undefined, memory: SEEN(NEW) }],
    ['a rotation by its time', 'Due', { requestedAt: at(START) }],
    [
      'nothing more where the CA is younger than the request',
      'AlreadyRotated',
      { requestedAt: at(START - HOUR) },
      { ca: caOf(OLD, START - HOUR) },
    ],
    [
      'a rotation where the CA is older by a second',
      'Due',
      { requestedAt: at(START - HOUR) },
      { ca: caOf(OLD, START - HOUR - SECOND) },
    ],
    ['a rotation up to 24 hours after the request', 'Due', { requestedAt: at(START - 24 * HOUR) }],
    ['nothing after 24 hours', 'RequestExpired', { requestedAt: at(START - 24 * HOUR - SECOND) }],
    ['nothing by a date that cannot be read', 'RequestExpired', { requestedAt: '2026-13-45T00:00:00Z' }],
    ['a rotation later, by a time ahead', 'RequestedLater', { requestedAt: at(START + SECOND) }],
    [
      'nothing more where the controller has rotated since, whatever the dates of the CA are',
      'AlreadyRotated',
      { requestedAt: at(START - HOUR) },
      { ca: caOf(NEW, START - 2 * HOUR), memory: { lastRotation: ROTATED } },
    ],
    [
      'a rotation where the last one of the controller was before the request',
      'Due',
      { requestedAt: at(START - MINUTE) },
      { ca: caOf(NEW, START - 2 * HOUR), memory: { lastRotation: ROTATED } },
    ],
    [
      'nothing certain of a listing that shows a CA of before',
      'Unread',
      { replace: NEW },
      { ca: caOf(OLD), memory: SEEN(OLD, NEW) },
    ],
    [
      'nothing by its time where it also names a CA that is gone',
      'AlreadyRotated',
      { replace: NEW, requestedAt: at(START) },
    ],
  ];
  it.each(ROWS.map(([what, kind, options, input = {}]) => [what, kind, options, input] as const))(
    'is %s: %s',
    (_, kind, options, input) => {
      expect(verdict(options, input)).toBe(kind);
    },
  );

  it('is nothing where the policy does not let its namespace rotate', () => {
    const intents = [rotationIntent('r', { replace: OLD }, OPEN_GRANTS)];
    const all = verdictsOf(intents, { ca: caOf(OLD), memory: undefined, now: START });
    expect(all.get(rotationName('r'))).toEqual({ kind: 'NotAllowed' });
    expect(needsClusterCA({}, intents, START)).toBe(false);
  });

  it('stays answered for the generation to which it was reported, and for no other', () => {
    const status = (observedGeneration: number) => ({
      conditions: [
        {
          type: 'RotationSucceeded',
          status: 'True' as const,
          reason: 'Rotated',
          message: 'm',
          lastTransitionTime: at(START),
          observedGeneration,
        },
      ],
    });
    const input = { ca: undefined };
    expect(verdict({ replace: OLD, generation: 2, status: status(2) }, input)).toBe('AlreadyRotated');
    expect(verdict({ replace: OLD, generation: 3, status: status(2) }, input)).toBe('Unread');
    // The CA that ARM lists counts more than any status.
    expect(verdict({ replace: OLD, generation: 2, status: status(2) })).toBe('Due');
  });
});

describe('several objects of one cluster', () => {
  const verdicts = (...options: RotationOptions[]) =>
    [
      ...verdictsOf(
        options.map((one, index) => rotationIntent(`r${index}`, one)),
        { ca: caOf(OLD), memory: undefined, now: START },
      ).values(),
    ].map(({ kind }) => kind);

  it.each<[string, RotationOptions[], string[]]>([
    ['the same CA', [{ replace: OLD }, { replace: OLD }], ['Due', 'Due']],
    ['a CA, beside a request that is done', [{ replace: OLD }, { replace: NEW }], ['Due', 'AlreadyRotated']],
    [
      'a CA, beside a request that came too late',
      [{ replace: OLD }, { requestedAt: at(START - 25 * HOUR) }],
      ['Due', 'RequestExpired'],
    ],
    ['a CA and a time', [{ replace: OLD }, { requestedAt: at(START) }], ['Conflicting', 'Conflicting']],
    ['two times', [{ requestedAt: at(START) }, { requestedAt: at(START - HOUR) }], ['Conflicting', 'Conflicting']],
    [
      'one time, spelled in two ways',
      [{ requestedAt: at(START) }, { requestedAt: at(START).replace('.000Z', '+00:00') }],
      ['Due', 'Due'],
    ],
    ['a CA, beside one that only watches', [{ replace: OLD }, { mode: 'Monitor', replace: NEW }], ['Due', 'Off']],
    ['a CA, beside one that is suspended', [{ replace: OLD }, { suspend: true, replace: NEW }], ['Due', 'Off']],
    ['a CA, beside one without a request', [{ replace: OLD }, {}], ['Due', 'NoRequest']],
  ])('that ask for %s', (_, options, kinds) => {
    expect(verdicts(...options)).toEqual(kinds);
  });

  it('are not held by one that may not rotate', () => {
    const intents = [rotationIntent('a', { replace: OLD }), rotationIntent('b', { replace: NEW }, OPEN_GRANTS)];
    const all = verdictsOf(intents, { ca: caOf(OLD), memory: undefined, now: START });
    expect([...all.values()].map(({ kind }) => kind)).toEqual(['Due', 'NotAllowed']);
  });
});
