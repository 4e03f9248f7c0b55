import type { NodeFacts } from '../../cluster-certificates/evidence.ts';
import type { Judgement } from '../../cluster-certificates/judgement.ts';
import type { Connection } from '../../kubernetes/client/connection.ts';
import { nodeCommand, type CommandedNode } from './node-commands.ts';
import type { NodeCommand } from './report.ts';

/** Pools for which a command is printed. */
const MOST_POOLS = 20;
const TIMEOUT_MS = 10_000;

/**
 * Chooses a node of each pool whose certificates or auto-rotation are not known: the one that the row names, or else one that is ready.
 */
export function nodesToAsk({ certificates, autoRotation }: Judgement, nodes: readonly NodeFacts[]): NodeFacts[] {
  const open = new Set([
    ...certificates.flatMap(({ name, pool, health }) =>
      name === 'KubeletClient' && health === 'Unknown' && pool !== undefined ? [pool] : [],
    ),
    ...autoRotation.flatMap(({ pool, state }) => (state === 'Enabled' ? [] : [pool])),
  ]);
  const named = new Set(certificates.flatMap(({ name, node }) => (name === 'KubeletClient' && node ? [node] : [])));
  const ranked = nodes.toSorted((a, b) => rank(a) - rank(b));
  // Rows of no pool stand for pools that are not known by name.
  const pools = [...new Set(nodes.map(({ pool }) => pool))].filter((pool) => open.has(pool) || open.has(''));
  return pools.slice(0, MOST_POOLS).flatMap((wanted) => ranked.find(({ pool }) => pool === wanted) ?? []);

  function rank({ name, ready }: NodeFacts): number {
    return named.has(name) ? 0 : ready ? 1 : 2;
  }
}

/** The commands for these nodes. A node that cannot be read has none. */
export async function readNodeCommands(
  connection: Connection,
  nodes: readonly NodeFacts[],
  signal: AbortSignal,
): Promise<readonly NodeCommand[]> {
  const read = await Promise.all(nodes.map((node) => readNode(connection, node, signal)));
  return read.flatMap((node) => (node && nodeCommand(node)) ?? []);
}

async function readNode(
  connection: Connection,
  { name, pool }: NodeFacts,
  signal: AbortSignal,
): Promise<CommandedNode | undefined> {
  try {
    const query = { fieldSelector: `metadata.name=${name}`, limit: '1' };
    const { items = [] } = (await connection.request({
      path: '/api/v1/nodes',
      query,
      signal,
      timeoutMs: TIMEOUT_MS,
    })) as { items?: readonly NodeBody[] };
    const node = items.find(({ metadata }) => metadata?.name === name);
    const [providerID, os] = [node?.spec?.providerID, node?.metadata?.labels?.['kubernetes.io/os']];
    return typeof providerID === 'string' ? { name, pool, providerID, os: String(os) } : undefined;
  } catch {
    // Their certificates are Unknown already, with the reason.
    signal.throwIfAborted();
    return undefined;
  }
}

interface NodeBody {
  readonly metadata?: { readonly name?: unknown; readonly labels?: Readonly<Record<string, unknown>> };
  readonly spec?: { readonly providerID?: unknown };
}
