import { armText } from './arm-text.ts';
import { readObject } from './read-object.ts';

/** learn.microsoft.com/rest/api/resources/management-locks/list-at-resource-group-level */
export const LOCKS_API_VERSION = '2016-09-01';

/** The most locks that are read. */
const MOST = 20;
/** The most characters of a name, which has 90 at most. */
const NAME = 128;

/** The path of the locks of a resource group, and of what is in it. */
export function locksPath(subscriptionId: string, resourceGroup: string): string {
  const group = encodeURIComponent(resourceGroup.toWellFormed());
  return `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/Microsoft.Authorization/locks`;
}

/** The names of the locks in the text of an answer, safe to show; undefined where it is no such answer. */
export function readLocks(text: string): readonly string[] | undefined {
  const value = readObject(text)?.['value'];
  if (!Array.isArray(value)) return undefined;
  return value.slice(0, MOST).map((lock: unknown) => {
    const { name } = (lock ?? {}) as { name?: unknown };
    return armText(name).slice(0, NAME) || 'a lock without a name';
  });
}
