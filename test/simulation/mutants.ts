/** One text in src that becomes another; it must be there exactly once. */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** A bug that is planted, and that histories must find. */
export interface Mutant {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** The first history, where the one that finds it comes late; default: 1. One that finds it no more only makes the search longer. */
  readonly seed?: number;
}

/** The record is written after what it is the record of. */
export const RECORD_LAST: Mutant['edits'][number] = {
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
};

/** The bugs that this design is about; each would go unnoticed until something fails at the wrong moment. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'no record before the PUT',
    edits: [RECORD_LAST],
  },
  {
    name: 'PUT before the finaliser',
    edits: [
      {
        file: 'cluster/reconcile.ts',
        find: `const refusals = await guarded;`,
        replace: `const refusals: Awaited<typeof guarded> = new Map();`,
      },
    ],
  },
  {
    name: 'record read after the intents',
    seed: 1640,
    edits: [
      {
        file: 'cluster/observe/gather.ts',
        find: 'return { ...known, ...waited, ...(await',
        replace: 'return { ...known, record: records.read(id), ...waited, ...(await',
      },
    ],
  },
  {
    name: 'old cache of the objects beside a newer record',
    seed: 2300,
    edits: [
      {
        file: 'cluster/observe/gather.ts',
        find: `of possiblyStale(record && (record.status ?? {}), intents)) {`,
        replace: `of possiblyStale({ objects: [] }, [])) {`,
      },
    ],
  },
  {
    name: 'a machine that joined counts as replaced',
    seed: 1180,
    edits: [
      {
        file: 'cluster/reimage/node-state.ts',
        find: `? 'Added' : 'Unconfirmed';`,
        replace: `? 'Added' : 'Added';`,
      },
      {
        file: 'cluster/reimage/node-state.ts',
        find: `observed[index] === 'Added' && !done`,
        replace: `observed[index] === 'Old' && !done`,
      },
    ],
  },
  {
    name: 'finaliser of a Retain deletion gone before the record was written',
    edits: [
      {
        file: 'cluster/act/act.ts',
        find: `  const { step } = decision;
  const done =
    step.kind`,
        replace: `  for (const { intent } of decision.releases) await tools.objects.release(intent.object, signal);
  const { step } = decision;
  const done =
    step.kind`,
      },
    ],
  },
  {
    name: 'operation discarded on one stale read',
    seed: 1050,
    edits: [
      {
        file: 'cluster/operation/assess.ts',
        find: `  if (notFound?.digest !== digest)`,
        replace: `  if (!notFound) return { kind: 'NeverArrived' };
  if (notFound.digest !== digest)`,
      },
    ],
  },
  {
    name: 'a foreign failure taken for our own',
    edits: [
      {
        file: 'cluster/operation/assess.ts',
        find: `  if (progress?.old === undefined && !end.confirmed) return`,
        replace: `  if (progress?.old === undefined && end.confirmed && before.canceled) return`,
      },
    ],
  },
  {
    name: 'baseline renewed on retry',
    edits: [
      {
        file: 'cluster/decide/plan.ts',
        find: `write: kind.resend(ended, seen), takeBaseline: false`,
        replace: `write: kind.resend(ended, seen), takeBaseline: true`,
      },
    ],
  },
  {
    name: 'lists compared as strings',
    edits: [
      {
        file: 'cluster/observe/gather.ts',
        find: `list: model.elements.map((element) => reader.readElement(element)),`,
        replace: `list: model.elements.map((element) => {
          const read = reader.readElement(element);
          return read.kind === 'single' && read.certificate.element !== element
            ? { kind: 'unreadable' as const, digest: element, reason: '', privateKey: false }
            : read;
        }),`,
      },
    ],
  },
  {
    name: 'an object with a bad certificate read as wanting nothing',
    edits: [
      {
        file: 'cluster/model/intent.ts',
        find: `  const bad = rows.some((row) => row.problem);`,
        replace: `  if (rows.some((row) => row.problem)) rows.length = 0;
  const bad = false as boolean;`,
      },
    ],
  },
  {
    name: 'unmanaged certificates removed before all caches are filled',
    edits: [
      {
        file: 'controller/operator.ts',
        find: `        await Promise.all(reflectors.map(({ synced }) => synced));
`,
        replace: ``,
      },
    ],
  },
  {
    name: 'PUT while Updating',
    edits: [
      {
        file: 'cluster/operation/holds.ts',
        find: `{ name: 'Busy', check: busy }`,
        replace: `{ name: 'Busy', check: () => undefined }`,
      },
    ],
  },
  {
    name: 'If-Match dropped',
    edits: [
      {
        file: 'cluster/act/act.ts',
        find: `tools.arm.put(id, newest, eTag, attemptOf(operation), signal, leaveBy)`,
        replace: `tools.arm.put(id, newest, undefined, attemptOf(operation), signal, leaveBy)`,
      },
    ],
  },
  {
    name: 'finaliser gone when the PUT is accepted',
    edits: [
      {
        file: 'cluster/act/act.ts',
        find: `  const released: Release[] = [];
`,
        replace: `  const released: Release[] = [];
  for (const { deletion, object } of observation.intents)
    if (deletion && done.sent === 'Accepted') await tools.objects.release(object, signal);
`,
      },
    ],
  },
  {
    name: 'queue loses a key added while it runs',
    edits: [
      {
        file: 'runtime/queue.ts',
        find: `if (processing.has(key)) again.add(key);`,
        replace: `if (processing.has(key)) return;`,
      },
    ],
  },
  {
    name: 'old leader goes on after losing its lease',
    edits: [
      {
        file: 'runtime/leader-election.ts',
        find: `isLeader: () => leading && elapsed() - renewedAt < renewMs,`,
        replace: `isLeader: () => leading,`,
      },
    ],
  },
  {
    name: 'a closed window holds nothing',
    seed: 55,
    edits: [
      {
        file: 'cluster/kinds/update-trust/window-shares.ts',
        find: `  if (closed.size === 0) return intents;`,
        replace: `  if (closed.size >= 0) return intents;`,
      },
    ],
  },
];
