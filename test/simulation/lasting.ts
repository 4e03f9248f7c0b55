import type { KubernetesRequest } from '../../src/kubernetes/client/connection.ts';
import type { Aks, Node } from './aks.ts';
import type { Process } from './process.ts';
import type { rowOf } from './target-stream.ts';

/** An answer of ARM. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What becomes of a write to ARM while a condition lasts. */
export type PutFate =
  | { readonly kind: 'Refused'; readonly answer: Answer }
  /** It never arrives. */
  | { readonly kind: 'Lost' }
  /** It arrives, and the answer does not. */
  | { readonly kind: 'Unanswered' }
  /** ARM reports yes, and the cluster stays as it is. */
  | { readonly kind: 'Forgotten' }
  /** ARM reports yes, and AKS replaces every node with the list that was there before. */
  | { readonly kind: 'RolledInVain' };

/** What becomes of a read of ARM. */
export interface ReadFate {
  readonly answer?: Answer;
  readonly lost?: true;
  readonly takesMs?: number;
  /** How far behind the replica is that answers. */
  readonly lagMs?: number;
}

/** What becomes of a read of a cluster's nodes. */
export type NodesFate =
  | { readonly kind: 'Dead' }
  | { readonly kind: 'Slow'; readonly ms: number }
  | { readonly kind: 'Endless' }
  | ({ readonly kind: 'Refused' } & ApiRefusal)
  | { readonly kind: 'Lies'; readonly rowOf: (node: Node, now: number) => ReturnType<typeof rowOf> };

export interface ApiRefusal {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
}

/** What one condition makes of requests, each time that one is made; undefined: nothing. */
export interface Lasting {
  readonly put?: (aks: Aks) => PutFate | undefined;
  readonly get?: (aks: Aks) => ReadFate | undefined;
  readonly list?: () => ReadFate | undefined;
  readonly nodes?: (aks: Aks, process: Process) => NodesFate | undefined;
  readonly refuses?: (request: KubernetesRequest) => ApiRefusal | undefined;
}
