import { Agent, request } from 'undici';
import type { TargetAccess } from '../../simulator/index.ts';
import type { NodeObject } from './target.ts';
import { isReady } from './workload-target.ts';

/** What a watch of a cluster's Node objects has seen. */
export interface NodeWatch {
  /** The fewest ready nodes at any moment, whether they take pods or not. */
  fewestReady(): number;
  /** The fewest ready nodes that took pods. */
  fewestSchedulable(): number;
  most(): number;
  /** By name, the UIDs of the nodes that were there, in order. */
  uids(): ReadonlyMap<string, readonly string[]>;
  stop(): Promise<void>;
}

interface WatchedNode extends NodeObject {
  readonly metadata: NodeObject['metadata'] & { readonly resourceVersion: string };
}

/** Watches the nodes that have this label of a cluster from now on: see labelOfNodes. */
export async function watchNodes(access: TargetAccess, label: string): Promise<NodeWatch> {
  const agent = new Agent({ connect: { ca: access.caPem, cert: access.certPem, key: access.keyPem } });
  const over = new AbortController();
  const path = `${access.server}/api/v1/nodes?labelSelector=kubernetes.azure.com%2Fcluster%3D${label}`;
  const first = await request(path, { dispatcher: agent });
  const list = (await first.body.json()) as { metadata: { resourceVersion: string }; items: WatchedNode[] };
  const nodes = new Map(list.items.map((node) => [node.metadata.name, node]));
  const uids = new Map(list.items.map(({ metadata }) => [metadata.name, [metadata.uid]]));
  const seen = { fewestReady: Infinity, fewestSchedulable: Infinity, most: 0 };

  function count(): void {
    const ready = [...nodes.values()].filter(isReady);
    const schedulable = ready.filter(({ spec }) => spec.unschedulable !== true);
    seen.fewestReady = Math.min(seen.fewestReady, ready.length);
    seen.fewestSchedulable = Math.min(seen.fewestSchedulable, schedulable.length);
    seen.most = Math.max(seen.most, nodes.size);
  }

  function take({ type, object }: { type: string; object: WatchedNode }): void {
    const { name, uid } = object.metadata;
    if (type === 'DELETED') nodes.delete(name);
    else nodes.set(name, object);
    const known = uids.get(name) ?? [];
    if (!known.includes(uid)) uids.set(name, [...known, uid]);
    count();
  }

  count();
  const stream = await request(`${path}&watch=1&resourceVersion=${list.metadata.resourceVersion}`, {
    dispatcher: agent,
    signal: over.signal,
    bodyTimeout: 0,
  });
  const reading = (async () => {
    let rest = '';
    for await (const chunk of stream.body.setEncoding('utf8') as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(JSON.parse(line) as { type: string; object: WatchedNode });
    }
  })().catch((error: unknown) => {
    if (!over.signal.aborted) throw error;
  });
  return {
    fewestReady: () => seen.fewestReady,
    fewestSchedulable: () => seen.fewestSchedulable,
    most: () => seen.most,
    uids: () => uids,
    async stop() {
      over.abort();
      await reading;
      await agent.close();
    },
  };
}
