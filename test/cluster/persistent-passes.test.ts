import { describe, expect, it } from '@jest/globals';
import type { ManagedClusters } from '../../src/azure/managed-clusters.ts';
import { failure, HOUR, MINUTE, node, SECOND, START, trust } from '../harness/build.ts';
import { memoryRig, type MemoryRig, type Seams } from '../harness/memory-rig.ts';

type Answer = Awaited<ReturnType<ManagedClusters['put']>>;

const refuses = (status: number, code: string, message?: string): Answer => ({
  ok: false,
  failure: failure(status, code, message === undefined ? {} : { message }),
});

interface Row {
  readonly seams: (rig: MemoryRig) => Seams;
  /** What `Applied` says in the end, with a star where the object is Stalled. */
  readonly says: string;
  readonly words: RegExp;
  /** Writes to ARM in a day, at the most. */
  readonly most: number;
}

const answered =
  (answer: Answer): Row['seams'] =>
  () => ({ put: () => answer });
const readsTake =
  (ms: number): Row['seams'] =>
  (rig) => ({ whileReading: () => void (rig.now += ms) });
const nodesTake =
  (ms: number): Row['seams'] =>
  (rig) => ({
    nodes: {
      read: async () => {
        rig.now += ms;
        return { kind: 'Read', nodes: [node('x', START - HOUR)], serverTime: rig.now };
      },
    },
  });

const ROWS: Readonly<Record<string, Row>> = {
  'a proxy answers every write with a page': {
    seams: answered(refuses(403, 'HTTP403', 'HTTP 403 with an HTML or XML page')),
    says: 'Unreachable*',
    words: /HTTP 403 with an HTML or XML page/,
    most: 32,
  },
  'the resource provider answers every write with 500': {
    seams: answered(refuses(500, 'InternalServerError', 'An internal error occurred.')),
    says: 'Unreachable*',
    words: /InternalServerError: An internal error occurred\./,
    most: 32,
  },
  'every connection is reset': {
    seams: answered(refuses(0, 'NoAnswer', 'ECONNRESET')),
    says: 'Unreachable*',
    words: /ECONNRESET/,
    most: 32,
  },
  'a policy forbids every write': {
    seams: answered(refuses(403, 'RequestDisallowedByPolicy')),
    says: 'DisallowedByPolicy*',
    words: /RequestDisallowedByPolicy/,
    most: 25,
  },
  'a pod that may not be evicted makes ARM refuse every write': {
    seams: answered(refuses(400, 'UnsatisfiablePDB', '1 error occurred: PDB web/web-pdb allows no disruptions.')),
    says: 'UpdateFailed*',
    words: /web-pdb/,
    most: 25,
  },
  'ARM accepts every write and forgets it': {
    seams: answered({ ok: true, value: undefined }),
    says: 'NotKept*',
    words: /accepted the list 3 times/,
    most: 3,
  },
  'ARM takes six seconds to answer a read': {
    seams: readsTake(6 * SECOND),
    says: 'ReadsTooSlow*',
    words: /ARM took 6\.0 s to answer the last read/,
    most: 0,
  },
};

/** Passes as they ask for it, for so long. */
async function follow(rig: MemoryRig, ms: number): Promise<number> {
  const end = rig.now + ms;
  let passes = 0;
  for (; rig.now < end; passes++) {
    const { afterMs } = await rig.pass();
    rig.now += Math.max(afterMs, 1);
  }
  return passes;
}

function said(rig: MemoryRig): string {
  return `${rig.condition('team/a', 'Applied')?.reason}${rig.condition('team/a', 'Stalled') ? '*' : ''}`;
}

describe('passes over a cluster while one condition lasts for ever', () => {
  it.each(Object.entries(ROWS))('are bounded, and say so: %s', async (_name, { seams, says, words, most }) => {
    const rig = memoryRig({}, seams);
    rig.add(trust('a', [0]));
    const passes = await follow(rig, 24 * HOUR);
    expect(said(rig)).toBe(says);
    expect(rig.condition('team/a', 'Applied')?.message).toMatch(words);
    expect(rig.puts.length).toBeLessThanOrEqual(most);
    expect(passes).toBeLessThanOrEqual(24 * 15);
    expect(rig.reads).toBeLessThanOrEqual(24 * 25);
    expect(rig.recordWrites).toBeLessThanOrEqual(24 * 20);
    expect(rig.writes.length).toBeLessThanOrEqual(24 * 8);
    expect(rig.events.length).toBeLessThanOrEqual(24);
  });

  it.each([
    ['by a minute and a half later', 90 * SECOND],
    ['by an hour later', HOUR],
  ])('find the cluster as it should be %s where the condition ends', async (_what, after) => {
    for (const { seams } of Object.values(ROWS)) {
      let holds = true;
      const rig = memoryRig({}, (made) => {
        const { put, whileReading } = seams(made);
        return {
          ...(put ? { put: (...sent: Parameters<typeof put>) => (holds ? put(...sent) : undefined) } : {}),
          ...(whileReading ? { whileReading: () => void (holds && whileReading()) } : {}),
        };
      });
      rig.add(trust('a', [0]));
      await follow(rig, after);
      holds = false;
      await follow(rig, 2 * HOUR);
      // A list that was not kept three times waits for a person.
      if (said(rig) !== 'NotKept*') expect(said(rig)).toBe('Applied');
    }
  });
});

describe('a change of a cluster whose nodes take long to list', () => {
  it.each([4, 6, 30])('is sent, over a read that is made once more right before (%i s)', async (seconds) => {
    const rig = memoryRig({}, nodesTake(seconds * SECOND));
    rig.add(trust('a', [0], { nodeAccess: true }));
    await follow(rig, 5 * MINUTE);
    expect(rig.puts).toEqual([[[0]]]);
    expect(rig.record?.refusal).toBeUndefined();
  });
});
