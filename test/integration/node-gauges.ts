import { scrape } from '../runtime/scraper.ts';

/** What a controller exposes of nodes. */
export interface NodeGauges {
  readonly reimaged: number;
  readonly reimaging: number;
  readonly waiting: number;
  readonly excluded: number;
  /** Node pools of which something keeps a node from being replaced. */
  readonly blocked: number;
}

/** Reads them off the /metrics of a controller that serves it over plain HTTP. */
export async function nodeGauges(port: number): Promise<NodeGauges> {
  const { body } = await scrape(port, { plain: true });
  const value = (series: string) => {
    const line = body.split('\n').find((one) => one.startsWith(`${series} `));
    if (line === undefined) throw new Error(`/metrics has no ${series}`);
    return Number(line.slice(series.length));
  };
  const nodes = (state: string) => value(`aks_ca_trust_nodes{state="${state}"}`);
  return {
    reimaged: nodes('reimaged'),
    reimaging: nodes('reimaging'),
    waiting: nodes('waiting'),
    excluded: nodes('excluded'),
    blocked: value('aks_ca_trust_node_pools_blocked'),
  };
}
