import { parseClusterId } from '../api/resource-id.ts';
import { InvalidAnswerError, readClusterObject, type ClusterModel } from './cluster-model.ts';
import { readObject } from './read-object.ts';

/** Scope of a LIST: a whole subscription, or one resource group of it. */
export interface ListScope {
  readonly subscriptionId: string;
  readonly resourceGroup?: string;
}

/** One page of a LIST of managed clusters. */
export interface ClusterPage {
  /** By lower-cased resource id. A cluster that cannot be read is left out: its own GET reports why. */
  readonly clusters: ReadonlyMap<string, ClusterModel>;
  /** Address of the next page; absent on the last. */
  readonly next?: string;
  /** When the request was sent, in ms of our clock. */
  readonly readAt: number;
}

/** URLs of ARM have up to 4 KB (azure-resource-manager/management/async-operations). */
const LONGEST_LINK = 8192;

/** @throws InvalidAnswerError when the text is not a page of a LIST */
export function readClusterPage(text: string, readAt: number, wanted: (key: string) => boolean): ClusterPage {
  const { value, nextLink } = readObject(text) ?? {};
  if (!Array.isArray(value))
    throw new InvalidAnswerError("ARM's answer to a LIST should have an array at value, but has none");
  if (typeof nextLink === 'string' && nextLink.length > LONGEST_LINK)
    throw new InvalidAnswerError("ARM's answer to a LIST has a nextLink that is too long");
  const clusters = new Map<string, ClusterModel>();
  for (const item of value as readonly unknown[]) {
    const key = keyOf(item);
    if (key === undefined || !wanted(key)) continue;
    const model = modelOf(item);
    if (model) clusters.set(key, model);
  }
  return { clusters, readAt, ...(typeof nextLink === 'string' && nextLink !== '' ? { next: nextLink } : {}) };
}

function keyOf(item: unknown): string | undefined {
  const id = (item as { readonly id?: unknown } | null)?.id;
  return typeof id === 'string' ? parseClusterId(id)?.key : undefined;
}

function modelOf(item: unknown): ClusterModel | undefined {
  try {
    return readClusterObject(item);
  } catch (error) {
    if (error instanceof InvalidAnswerError) return undefined;
    throw error;
  }
}
