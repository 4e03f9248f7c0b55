import type { TargetClusterStatus } from '../../src/api/generated/targetclusters.ts';

type Operation = NonNullable<TargetClusterStatus['operation']>;

const MINUTE = 60_000;
/** The waits before the second, third and fourth attempt. */
const RETRIES = [5 * MINUTE, 15 * MINUTE, 45 * MINUTE];
/** A request by its time is void after this long. */
const LASTS = 24 * 60 * MINUTE;

/** What one version of an object asked for. */
export interface Asked {
  readonly rotates: boolean;
  readonly acceptsDowntime: boolean;
  /** By the policy. */
  readonly allowed: boolean;
  /** Suspended, or being deleted. */
  readonly isOff: boolean;
  readonly windowIsOpen: boolean;
  readonly replaceCA?: string;
  /** ms. */
  readonly requestedAt?: number;
}

/** An earlier request to rotate of the same operation. */
export interface EarlierRotation {
  /** 0: of another client. */
  readonly attempt: number;
  /** How it ended where it arrived: undefined where it did not, or still runs. */
  readonly end?: 'Succeeded' | 'Failed' | 'Canceled';
  readonly endedAt?: number;
}

/** A request to rotate, and how everything really was when it left. */
export interface SentRotation {
  /** As the record had it. */
  readonly operation: Pick<Operation, 'kind' | 'attempts' | 'rotateCertificates'> | undefined;
  readonly earlier: readonly EarlierRotation[];
  /** The provisioning state that the controller had read. */
  readonly state: string;
  /** The present cluster CA: its fingerprint, and when it was made. */
  readonly ca: { readonly fingerprint: string; readonly madeAt: number };
  /** What the objects asked for, at each time that the controller may have seen. */
  readonly asked: readonly (readonly Asked[])[];
  /** When a person last edited one of the objects, or asked for a fresh read. */
  readonly editedAt: number;
  readonly now: number;
  /** True where clocks were set, so that waits cannot be compared. */
  readonly clockStepped?: boolean;
}

/** Every rule about one request to rotate, by what was true when it left. */
export function faultsOfRotation(sent: SentRotation): string[] {
  const { operation, earlier } = sent;
  if (operation?.kind !== 'RotateCertificates') return ['no rotation is recorded'];
  const { attempts } = operation;
  if (earlier.some(({ attempt }) => attempt === attempts)) return [`attempt ${attempts} is sent twice`];
  return attempts === 1 ? faultsOfFirst(sent, operation) : faultsOfRepeated(sent, attempts);
}

function faultsOfFirst(
  { state, ca, asked, now, clockStepped = false }: SentRotation,
  operation: NonNullable<SentRotation['operation']>,
): string[] {
  const faults: string[] = [];
  if (state !== 'Succeeded') faults.push(`it begins while the cluster is ${state}`);
  if (operation.rotateCertificates?.oldCA !== ca.fingerprint) faults.push('it replaces a CA that is not in place');
  // A request that is done, or void, is no other wish.
  const points = asked.map((objects) => objects.filter((one) => isAsker(one) && isDue(one, ca, now, clockStepped)));
  const asking = points.filter((objects) => objects.length > 0);
  const agreed = asking.filter((objects) => new Set(objects.map(requestOf)).size === 1);
  const isOpen = (one: Asked) => clockStepped || (one.windowIsOpen && isDue(one, ca, now));
  if (asking.length === 0) faults.push('no object asks for it');
  else if (agreed.length === 0) faults.push('objects ask for different rotations');
  else if (!agreed.some((objects) => objects.some(isOpen))) faults.push('the windows of all who ask are closed');
  return faults;
}

function isAsker({ rotates, acceptsDowntime, allowed, isOff, replaceCA, requestedAt }: Asked): boolean {
  return rotates && acceptsDowntime && allowed && !isOff && (replaceCA !== undefined || requestedAt !== undefined);
}

function requestOf({ replaceCA, requestedAt }: Asked): string {
  return `${replaceCA}/${requestedAt}`;
}

function isDue({ replaceCA, requestedAt }: Asked, ca: SentRotation['ca'], now: number, clockStepped = false): boolean {
  if (replaceCA !== undefined && replaceCA !== ca.fingerprint) return false;
  if (requestedAt === undefined || clockStepped) return true;
  // Clocks differ by some seconds.
  return requestedAt > ca.madeAt && requestedAt <= now + 10_000 && now - requestedAt <= LASTS + 10_000;
}

function faultsOfRepeated({ earlier, state, editedAt, now, clockStepped }: SentRotation, attempts: number): string[] {
  const faults: string[] = [];
  if (state !== 'Failed' && state !== 'Canceled') faults.push(`it is repeated while the cluster is ${state}`);
  const last = earlier.findLast(({ end }) => end !== undefined);
  if (!last || last.end === 'Succeeded') return [...faults, 'it is repeated, and its own attempt has not failed'];
  const { end, endedAt = now } = last;
  const isReleased = editedAt >= endedAt;
  if (end === 'Canceled' && !isReleased) faults.push('a person canceled it, and it is repeated without a word');
  if (clockStepped) return faults;
  const wait = RETRIES[attempts - 2];
  if (wait === undefined && !isReleased) faults.push(`attempt ${attempts} is sent without a word of a person`);
  // One of another client (attempt 0) may have failed since without being seen.
  const { endedAt: own = endedAt } = earlier.findLast((one) => one.end !== undefined && one.attempt > 0) ?? {};
  // Times are noted in milliseconds, and clocks differ by some seconds.
  if (end === 'Failed' && wait !== undefined && !isReleased && now - own < wait - 10_000)
    faults.push(`attempt ${attempts} is sent ${Math.round((now - own) / 1000)} s after the last one failed`);
  return faults;
}
