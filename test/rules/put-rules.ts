import { fingerprintsIn, POOL, readElement } from './certificates.ts';
import { takeOutList } from './list-text.ts';

/** Elements that AKS takes. A list that had more before may keep them. */
const LIMIT = 10;

/** A cluster's text that was sent to ARM, and the answer to the read before it. */
export interface SentText {
  readonly read: string;
  readonly sent: string;
  readonly ifMatch: string | undefined;
}

/** Certificates that a list has and the one before it had not, and the other way round. */
export interface Difference {
  readonly come: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
}

interface Shown {
  readonly eTag?: string;
  readonly properties: {
    readonly provisioningState?: string;
    readonly powerState?: { readonly code?: string };
    readonly agentPoolProfiles?: readonly { readonly provisioningState?: string }[];
  };
}

/** A write goes to the version that was read, of a cluster that can take it, and changes nothing but the list. */
export function faultsOfText({ read, sent, ifMatch }: SentText): string[] {
  const { eTag = '*', properties } = JSON.parse(read) as Shown;
  const faults: string[] = [];
  const states = [properties, ...(properties.agentPoolProfiles ?? [])].map((one) => one.provisioningState);
  if (!states.every((state) => /^(Succeeded|Failed|Canceled)$/.test(state ?? '')))
    faults.push(`it is made over a read of a cluster at work: ${states.join(', ')}`);
  if (properties.powerState?.code === 'Stopped') faults.push('the cluster is stopped');
  if (ifMatch?.replaceAll('"', '') !== eTag) faults.push(`If-Match is ${ifMatch}, and ${eTag} was read`);
  if (takeOutList(sent).rest !== takeOutList(read).rest) faults.push('it changes more than the list');
  return faults;
}

/** An element that stays keeps its bytes and its order. A new one is one certificate in canonical PEM, and is there once. */
export function faultsOfList(before: readonly string[], after: readonly string[]): string[] {
  const faults: string[] = [];
  const left = fingerprintsIn(after);
  let next = 0;
  for (const element of before.filter((one) => readElement(one).every((fingerprint) => left.has(fingerprint)))) {
    const found = after.indexOf(element, next);
    if (found < 0) faults.push('an element that stays loses its bytes or its order');
    next = found + 1;
  }
  const added = after.filter((element) => !before.includes(element));
  if (!added.every((element) => POOL.some((one) => one.element === element) || isRest(element, before)))
    faults.push('a new element is not one certificate in canonical PEM');
  if (after.some((element) => count(after, element) > Math.max(1, count(before, element))))
    faults.push('a certificate is in it twice');
  if (after.length > Math.max(LIMIT, added.length > 0 ? 0 : before.length)) faults.push(`${after.length} elements`);
  return faults;
}

/** An element of several certificates of which some were taken out. */
function isRest(element: string, before: readonly string[]): boolean {
  const rest = readElement(element);
  return before.some((one) => {
    const all = readElement(one);
    return rest.length > 0 && all.length > rest.length && rest.every((fingerprint) => all.includes(fingerprint));
  });
}

function count(list: readonly string[], element: string): number {
  return list.filter((one) => one === element).length;
}

export function differenceOf(before: readonly string[], after: readonly string[]): Difference {
  const [was, is] = [fingerprintsIn(before), fingerprintsIn(after)];
  return { come: without(is, was), gone: without(was, is) };
}

function without(some: ReadonlySet<string>, others: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...some].filter((one) => !others.has(one)));
}

/** A list without a difference is sent only after an operation that ended badly. */
export function faultsOfRepeat({ come, gone }: Difference, read: string): string[] {
  const { provisioningState } = (JSON.parse(read) as Shown).properties;
  return come.size + gone.size === 0 && provisioningState === 'Succeeded'
    ? ['it has no difference, and nothing had failed']
    : [];
}
