import type { Mutant } from './mutants.ts';

const KIND = 'cluster/kinds/rotate-certificates';

/** Each would recreate every node of a cluster for nothing, or at the wrong time. */
export const ROTATION_MUTANTS: readonly (Mutant & { readonly seed: number })[] = [
  {
    name: 'no record before the POST',
    seed: 1,
    edits: [
      {
        file: 'cluster/act/act.ts',
        find: `  const record = await steps.take('record', () =>
    writeRecord(observation, decision, observation.record, recorded, tools, signal),
  );
  const outcome = await put();
`,
        replace: `  const outcome = await put();
  const record = await steps.take('record', () =>
    writeRecord(observation, decision, observation.record, recorded, tools, signal),
  );
`,
      },
    ],
  },
  {
    name: 'a rotation by one read of the CA',
    seed: 1,
    edits: [
      {
        file: `${KIND}/holds.ts`,
        find: `if (due <= now) return undefined;`,
        replace: `if (due <= now || rotation) return undefined;`,
      },
    ],
  },
  {
    name: "another client's failure taken for that of the rotation",
    seed: 1,
    edits: [
      {
        file: `${KIND}/assess.ts`,
        find: `  if (!isSeen(operation) && !isNew) return false;
  return `,
        replace: `  if (!isSeen(operation) && !isNew) return false;
  if (isSeen(operation)) return true;
  return `,
      },
    ],
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
    seed: 1,
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
    seed: 1,
    edits: [
      {
        file: `${KIND}/propose.ts`,
        find: `filter(({ name }) => !windowOf(name, view));`,
        replace: `filter(({ name }) => name !== '' || !windowOf(name, view));`,
      },
    ],
  },
  {
    name: 'a rotation that fails is sent without end',
    seed: 1,
    edits: [
      {
        file: `${KIND}/assess.ts`,
        find: `const isLast = before.attempts > timing.rotation.retries.length;`,
        replace: `const isLast = before.attempts > 99;`,
      },
    ],
  },
  {
    name: 'a rotation beside a change that may still arrive',
    seed: 1,
    edits: [
      {
        file: 'cluster/decide/plan.ts',
        find: `if (open && (open.allows === 'Nothing' || isOthers)) return`,
        replace: `if (open && !kind.goesFirst && (open.allows === 'Nothing' || isOthers)) return`,
      },
      {
        file: `${KIND}/preflight-hold.ts`,
        find: `  if (record.operation) {`,
        replace: `  if (record.operation?.kind === 'RotateCertificates') {`,
      },
      {
        file: `${KIND}/preflight/cluster.ts`,
        find: `    operation
      ? failed(`,
        replace: `    operation?.kind === 'RotateCertificates'
      ? failed(`,
      },
    ],
  },
  {
    name: 'a cancellation is forgotten',
    seed: 1,
    edits: [
      {
        file: `${KIND}/assess.ts`,
        find: `const isReleased = before.canceled?.heldFor !== undefined && !stillHeld(heldFor, askers(observation.intents));`,
        replace: `const isReleased = heldFor.length >= 0;`,
      },
    ],
  },
  {
    name: 'a namespace without the right rotates',
    seed: 1,
    edits: [
      {
        file: `${KIND}/request.ts`,
        find: `!frozen && !deletion && grants.rotate;`,
        replace: `!frozen && !deletion && grants.target;`,
      },
    ],
  },
  {
    name: 'a rotation that may still arrive is given up',
    seed: 1,
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
    seed: 1,
    edits: [
      {
        file: 'cluster/operation/slot.ts',
        find: `const alone = isRotation ? { alone: true } : {};`,
        replace: `const alone = isRotation ? {} : {};`,
      },
    ],
  },
];
