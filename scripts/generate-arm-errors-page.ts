/** Writes docs/reference/arm-errors.md: what becomes of each real answer to a write or a rotation that simulator/corpus.json has. */
import { readFileSync } from 'node:fs';
import { readErrorBody } from '../src/azure/error-body.ts';
import { classifyFailure, type ArmCall } from '../src/azure/failures.ts';
import { writePage } from './pages.ts';

interface CorpusError {
  readonly source: string;
  readonly status: number;
  readonly body: unknown;
  /** The call that was answered; absent: the write of a cluster. */
  readonly call?: ArmCall;
}

const CLUSTER =
  '/subscriptions/8ecadfc9-d1a3-4ea4-b844-0d9f87e4d7c8/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod-weu';
/** Characters of a text of ARM that are shown. */
const SHOWN = 240;

const { errors } = JSON.parse(readFileSync(new URL('../simulator/corpus.json', import.meta.url), 'utf8')) as {
  readonly errors: readonly CorpusError[];
};
const plain = (text: string) => text.trim().replaceAll(/[<_*{[]/g, String.raw`\$&`);
const short = (text: string) => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

/** The items of the answers to one call, by their reasons. */
function itemsByReason(call: ArmCall): (readonly [reason: string, items: readonly string[]])[] {
  const byReason = new Map<string, string[]>();
  const shown = new Set<string>();
  for (const { status, body, call: answered = 'PutManagedCluster' } of errors) {
    if (answered !== call) continue;
    const answer = readErrorBody(status, JSON.stringify(body));
    const { reason, fix } = classifyFailure({ status, ...answer }, call, CLUSTER);
    const key = [answer.code, reason, fix].join(' ');
    // Several texts of one code and with one advice: the first stands for all.
    if (fix !== '' && shown.has(key)) continue;
    shown.add(key);
    const text = answer.message === '' ? 'without a message' : plain(short(answer.message));
    const item = `- ${status} \`${answer.code}\`: ${text}${fix === '' ? '' : `\n\n  **What to do.** ${plain(fix)}`}`;
    byReason.set(reason, [...(byReason.get(reason) ?? []), item]);
  }
  return [...byReason].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

const INTRO: Readonly<Record<string, string>> = {
  Conflict: 'No reason of a status: the cluster is read again, and the change is decided again.',
};
const writes = itemsByReason('PutManagedCluster').map(([reason, items]) =>
  [`## ${reason}`, ...(INTRO[reason] ? [INTRO[reason]] : []), ...items].join('\n\n'),
);
const rotations = itemsByReason('RotateClusterCertificates').map(([reason, items]) =>
  [`### ${reason}`, ...items].join('\n\n'),
);
const page = `# Answers of ARM

Real answers of ARM and AKS to a write of a cluster, as public issues have them, and the reason and the advice that an object gets in its status. Ids in them are made up. The message of the status quotes the whole answer.

<!-- Generated from simulator/corpus.json and src/azure/failures.ts: make generate -->

${writes.join('\n\n')}

## Answers to a rotation

The reasons above count for a rotation of the certificates of a cluster as well. These answers are given to a rotation only.

${rotations.join('\n\n')}
`;
await writePage('arm-errors', page);
