import { RECORD_LAST, type Mutant } from './mutants.ts';

const KIND = 'cluster/kinds/rotate-certificates';

/** Each would recreate every node of a cluster for nothing, or at the wrong time. */
export const ROTATION_MUTANTS: readonly (Mutant & { readonly seed: number })[] = [
  {
    name: 'no record before the POST',
    seed: 1,
    edits: [RECORD_LAST],
  },
  {
    name: 'a request by its time compared the wrong way',
    seed: 1,
    edits: [
      {
        file: `${KIND}/request.ts`,
        find: `ca.createdAt >= requestedAt;`,
        replace: `ca.createdAt < requestedAt;`,
      },
    ],
  },
  {
    name: 'a request that names a CA which is gone',
    seed: 4,
    edits: [
      {
        file: `${KIND}/request.ts`,
        find: `const isReplaced = replaceCA !== undefined && ca.fingerprint !== replaceCA;`,
        replace: `const isReplaced = replaceCA === '' && ca.fingerprint !== replaceCA;`,
      },
    ],
  },
  {
    name: 'the window of a rotation holds nothing',
    seed: 40,
    edits: [
      {
        file: `${KIND}/propose.ts`,
        find: `!windowOf(name, view)`,
        replace: `(name !== '' || !windowOf(name, view))`,
      },
    ],
  },
  {
    name: 'a rotation that fails is sent without end',
    seed: 162,
    edits: [
      {
        file: `${KIND}/assess.ts`,
        find: `const isLast = before.attempts > timing.rotation.retries.length;`,
        replace: `const isLast = before.attempts > 99;`,
      },
    ],
  },
  {
    name: 'a namespace without the right rotates',
    seed: 27,
    edits: [
      {
        file: 'cluster/model/rotation.ts',
        find: `!frozen && !deletion && grants.rotate;`,
        replace: `!frozen && !deletion && grants.target;`,
      },
    ],
  },
  {
    name: 'a rotation that may still arrive is given up',
    seed: 17,
    edits: [
      {
        file: `${KIND}/assess.ts`,
        find: `  const left = arrivesIn(input);
  if (left > 0) {`,
        replace: `  const left = arrivesIn(input) - 4.5 * 60_000;
  if (left > 0) {`,
      },
    ],
  },
  {
    name: 'two clusters are rotated at the same time',
    seed: 84,
    edits: [
      {
        file: 'cluster/operation/slot.ts',
        find: `const alone = isRotation ? { alone: true } : {};`,
        replace: `const alone = isRotation ? {} : {};`,
      },
    ],
  },
];
