import type { Connection } from '../../src/kubernetes/client/connection.ts';

/** A node at one moment. */
export interface SeenNode {
  readonly name: string;
  readonly uid: string;
  readonly image?: string;
  readonly labels: readonly string[];
}

/** What the cluster's own API server shows of a change. */
export interface NodeWatch {
  nodes(): Promise<readonly SeenNode[]>;
  /** Adds the events of the upgrader that are there now: AKS keeps them for an hour. */
  collect(): Promise<void>;
  /** `reason: message`, with the names of nodes and pods left out. */
  readonly events: ReadonlySet<string>;
}

interface NodeList {
  readonly items: readonly {
    readonly metadata: {
      readonly name: string;
      readonly uid: string;
      readonly labels?: Readonly<Record<string, string>>;
    };
  }[];
}
interface EventList {
  readonly items: readonly {
    readonly reason?: string;
    readonly message?: string;
    readonly source?: { readonly component?: string };
  }[];
}

export function watchNodes(connection: Connection): NodeWatch {
  const events = new Set<string>();
  const names = new Set<string>();
  return {
    events,
    async nodes() {
      const { items } = (await connection.request({ path: '/api/v1/nodes' })) as NodeList;
      return items.map(({ metadata: { name, uid, labels = {} } }) => {
        names.add(name);
        const image = labels['kubernetes.azure.com/node-image-version'];
        return { name, uid, labels: Object.keys(labels).sort(), ...(image === undefined ? {} : { image }) };
      });
    },
    async collect() {
      const { items } = (await connection.request({ path: '/api/v1/namespaces/default/events' })) as EventList;
      for (const { reason = '', message = '', source } of items)
        if (source?.component === 'upgrader') events.add(`${reason}: ${withoutNames(message)}`);
    },
  };

  function withoutNames(message: string): string {
    let text = message;
    for (const name of names) text = text.replaceAll(name, '<node>');
    return text.replace(/\baks[a-z0-9]*-[\w-]+/g, '<node>').replace(/\(usually a pdb\): .*/, '(usually a pdb): <pod>');
  }
}
