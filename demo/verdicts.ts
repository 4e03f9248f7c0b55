import type { Authority } from './manifests.ts';
import type { NodeSight, Sight } from './observe.ts';
import type { CommandOutput } from './program.ts';
import type { Workload } from './workload.ts';

/** One thing that had to be observed. */
export interface Verdict {
  readonly passed: boolean;
  readonly expected: string;
  readonly found: string;
}

/** Expectations after a change: one write, the list, and the nodes. */
export function changedTo(authorities: readonly Authority[], before: Sight, after: Sight): Verdict[] {
  return [
    puts(1, before, after),
    listIs(authorities, after),
    ...nodesReplaced(before, after),
    nodesHave(authorities, after),
  ];
}

/** Expectations where there was nothing to change. */
export function untouched(before: Sight, after: Sight): Verdict[] {
  const kept = [...before.nodes].filter(([name, { uid }]) => after.nodes.get(name)?.uid === uid).length;
  const sameList = JSON.stringify(before.elements) === JSON.stringify(after.elements);
  return [
    puts(0, before, after),
    {
      expected: 'the list in ARM is what it was, byte for byte',
      passed: sameList,
      found: sameList ? `${after.elements.length} elements` : 'other elements, or in another order',
    },
    {
      expected: 'no node was replaced',
      passed: kept === before.nodes.size && after.nodes.size === before.nodes.size,
      found: `${kept} of ${before.nodes.size} UIDs as before`,
    },
  ];
}

/** Expectations while an eviction is refused: condition and command name the budget, the pod and the node, and the node stays. */
export function blockedBy(
  { budget, pod, node }: Workload,
  message: string,
  { output, exitCode }: CommandOutput,
  before: Sight,
  now: Sight,
): Verdict[] {
  const names = (text: string) => [budget, pod, node].every((name) => text.includes(name));
  const kept = now.nodes.get(node)?.uid === before.nodes.get(node)?.uid;
  return [
    {
      expected: 'the condition Ready names budget, pod and node',
      passed: names(message),
      found: names(message) ? 'ReimageBlocked, as printed above' : message,
    },
    {
      expected: 'so does the status command, with exit code 3 for stuck',
      passed: names(output) && exitCode === 3,
      found: `exit code ${exitCode}`,
    },
    {
      expected: 'the node was not replaced',
      passed: kept && now.nodes.has(node),
      found: kept ? 'its UID is as before' : 'another UID',
    },
  ];
}

function puts(wanted: number, before: Sight, after: Sight): Verdict {
  const sent = after.puts - before.puts;
  return {
    expected: wanted === 0 ? 'nothing was sent' : `ARM got exactly ${wanted} PUT`,
    passed: sent === wanted,
    found: `PUTs in the simulator's journal: ${sent}`,
  };
}

function listIs(authorities: readonly Authority[], { fingerprints, elements }: Sight): Verdict {
  const wanted = authorities.map(({ fingerprint }) => fingerprint);
  const passed = elements.length === wanted.length && isSame(wanted, fingerprints);
  const name = (one: string) => authorities.find(({ fingerprint }) => fingerprint === one)?.commonName ?? 'unexpected';
  return {
    expected:
      wanted.length === 0
        ? 'the list in ARM is empty'
        : `the list in ARM has exactly these ${wanted.length}, one per element`,
    passed,
    found:
      elements.length === 0 ? 'no element' : fingerprints.map((one) => `${one.slice(0, 8)}… ${name(one)}`).join(', '),
  };
}

function nodesReplaced(before: Sight, after: Sight): Verdict[] {
  const isNew = ([name, { uid }]: [string, NodeSight]) => before.nodes.get(name)?.uid !== uid;
  const linux = nodes(after, 'linux');
  const windows = nodes(after, 'windows');
  const fresh = linux.filter(isNew);
  const kept = windows.filter((node) => !isNew(node));
  return [
    {
      expected: 'every Linux node was replaced and has its old name',
      passed: linux.length > 0 && fresh.length === linux.length && isSame(before.nodes.keys(), after.nodes.keys()),
      found: `${fresh.length} of ${linux.length} UIDs new in the target's API server`,
    },
    {
      expected: 'no Windows node was touched',
      passed: windows.length > 0 && kept.length === windows.length,
      found: `${kept.length} of ${windows.length} UIDs as before`,
    },
    poolByPool(linux),
  ];
}

function nodesHave(authorities: readonly Authority[], after: Sight): Verdict {
  const wanted = authorities.map(({ fingerprint }) => fingerprint);
  const linux = nodes(after, 'linux');
  const right = linux.filter(([, { certificates }]) => isSame(wanted, certificates));
  return {
    expected: `every Linux node was made with ${wanted.length === 0 ? 'no certificate' : `these ${wanted.length}`}`,
    passed: linux.length > 0 && right.length === linux.length,
    found: `${right.length} of ${linux.length}, as the simulator made them`,
  };
}

function poolByPool(linux: readonly [string, NodeSight][]): Verdict {
  const born = new Map<string, number[]>();
  for (const [, { pool, createdAt }] of linux) born.set(pool, [...(born.get(pool) ?? []), Date.parse(createdAt)]);
  const spans = [...born]
    .map(([pool, times]) => ({ pool, from: Math.min(...times), to: Math.max(...times) }))
    .sort((a, b) => a.from - b.from);
  return {
    expected: 'pool after pool',
    passed: spans.length > 1 && spans.every(({ from }, index) => index === 0 || from >= (spans[index - 1]?.to ?? 0)),
    found: spans.map(({ pool, from, to }) => `${pool} registered from ${timeOf(from)} to ${timeOf(to)}`).join(', '),
  };
}

function nodes(sight: Sight, osType: NodeSight['osType']): [string, NodeSight][] {
  return [...sight.nodes].filter(([, node]) => node.osType === osType);
}

function isSame(some: Iterable<string>, others: Iterable<string>): boolean {
  return JSON.stringify([...some].sort()) === JSON.stringify([...others].sort());
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}
