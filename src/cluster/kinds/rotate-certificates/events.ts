import type { CertificateRotationStatus } from '../../../api/generated/certificaterotations.ts';
import { reasonPolicy } from '../../../api/reasons.ts';
import { GET_CREDENTIALS } from '../../../cluster-certificates/kubeconfig-client.ts';
import type { CertificateRow } from '../../../cluster-certificates/judgement.ts';
import type { TrustEvent } from '../../model/trust-event.ts';
import { shownAs } from './health.ts';

type Status = CertificateRotationStatus | undefined;

/**
 * Events for the difference of two statuses, each once: a new reason for which the certificates are not watched, a certificate that
 * comes closer to its end, is late or foreign, a CA, a client certificate or keys that another client replaced, a node pool whose
 * kubelets do not renew their certificates, and what still holds a CA of before.
 */
export function eventsOf(before: Status, after: CertificateRotationStatus): TrustEvent[] {
  return [
    ...readyEvents(before, after),
    ...atMost((after.certificates ?? []).flatMap((row) => rowEvents(sameRow(before, row), row))),
    ...replacementEvents(before, after),
    ...atMost(poolEvents(before, after)),
    ...consumerEvents(before, after),
  ];
}

/** The most events of rows at a time. The condition and the rows have the others. */
const MOST = 10;

function atMost(events: readonly TrustEvent[]): readonly TrustEvent[] {
  return events.slice(0, MOST);
}

function readyEvents(before: Status, after: CertificateRotationStatus): TrustEvent[] {
  const ready = readyOf(after);
  const previous = readyOf(before);
  if (!ready || ready.reason === previous?.reason) return [];
  // A certificate that needs an action has an event of its own.
  const isOfRows = ready.status === 'True' && reasonPolicy(ready.reason).severity === 'Warning';
  if (isOfRows) return [];
  const stalled = after.conditions?.some(({ type }) => type === 'Stalled') ?? false;
  const warns = stalled || reasonPolicy(ready.reason).severity === 'Warning';
  return [{ type: warns ? 'Warning' : 'Normal', reason: ready.reason, message: ready.message }];
}

function readyOf(status: Status) {
  return status?.conditions?.find(({ type }) => type === 'Ready');
}

/** A certificate that you maintain is reported at 30 days, at 7 and at one; of the others it is enough that AKS did not renew them in time. */
function rowEvents(before: CertificateRow | undefined, row: CertificateRow): TrustEvent[] {
  const { health, maintainedBy, expiresWithinDays: days = Infinity } = row;
  const closer = maintainedBy === 'You' && days < (before?.expiresWithinDays ?? Infinity);
  // The row of the cluster CA itself says it.
  if (health === 'Healthy' || health === 'Unknown' || row.sameAsClusterCA) return [];
  if (health === before?.health && !closer) return [];
  const message = `${shownAs(row)}: ${row.message ?? ''}`;
  return [{ type: 'Warning', reason: EVENT[health], message }];
}

const EVENT = {
  Expiring: 'CertificateExpiring',
  Expired: 'CertificateExpired',
  Late: 'CertificateLate',
  Intercepted: 'CertificateIntercepted',
} as const;

/** The row of the same certificate in another status. */
function sameRow(status: Status, { name, pool }: CertificateRow): CertificateRow | undefined {
  return status?.certificates?.find((one) => one.name === name && one.pool === pool);
}

/** Another client has replaced them, unless the last rotation was the controller's own. */
function replacementEvents(before: Status, after: CertificateRotationStatus): TrustEvent[] {
  const ca = replacedIn(before, after, 'ClusterCA');
  // A rotation of the controller has its own events.
  if (ca && after.lastRotation?.startedBy === 'ThisController' && after.lastRotation.newCA === ca.now) return [];
  const client = replacedIn(before, after, 'KubeconfigClient');
  const keys = keysReplaced(before, after);
  return [
    ...(ca ? [caChanged(ca)] : []),
    // A new CA comes with a new client certificate.
    ...(client && !ca ? [KUBECONFIG_RENEWED] : []),
    ...(keys ? [keysChanged(keys)] : []),
  ];
}

interface Replaced {
  readonly old: string;
  readonly now: string;
}

function replacedIn(before: Status, after: Status, name: CertificateRow['name']): Replaced | undefined {
  const [old, now] = [before, after].map((status) => rowOf(status, name)?.fingerprintSHA256);
  return old !== undefined && now !== undefined && old !== now ? { old, now } : undefined;
}

/** The keys that there are now, where they are not those of before. */
function keysReplaced(before: Status, after: Status): readonly string[] | undefined {
  const [old, now] = [before, after].map((status) => rowOf(status, 'ServiceAccountKeys')?.keyIDs);
  return old && now && old.join('\n') !== now.join('\n') ? now : undefined;
}

function rowOf(status: Status, name: CertificateRow['name']): CertificateRow | undefined {
  return status?.certificates?.find((row) => row.name === name);
}

function caChanged({ old, now }: Replaced): TrustEvent {
  return {
    type: 'Warning',
    reason: 'ClusterCAChanged',
    message: `Another client rotated the certificates of the cluster, or created the cluster anew: its CA has the fingerprint ${now} now, and had ${old}. Kubeconfigs and other copies of the old CA do not work any more: replace them (${GET_CREDENTIALS}).`,
  };
}

const KUBECONFIG_RENEWED: TrustEvent = {
  type: 'Normal',
  reason: 'KubeconfigRenewed',
  message: `ARM returns another client certificate in the kubeconfig than before. Copies have the old one, which is valid until it expires: replace them (${GET_CREDENTIALS}).`,
};

function keysChanged(keys: readonly string[]): TrustEvent {
  return {
    type: 'Normal',
    reason: 'ServiceAccountKeysChanged',
    message: `The API server publishes other keys for the tokens of service accounts than before: ${keys.join(', ')}. It refuses tokens that a removed key signed.`,
  };
}

/** Once for each CA: what the first search after a rotation finds. */
function consumerEvents(before: Status, { consumers }: CertificateRotationStatus): TrustEvent[] {
  if (consumers?.clusterCASHA256 === undefined) return [];
  if (consumers.clusterCASHA256 === before?.consumers?.clusterCASHA256) return [];
  const isHeld = consumers.counts?.some(({ holding }) => holding === 'OldCA') ?? false;
  return isHeld ? [{ type: 'Warning', reason: 'OldCAHeld', message: consumers.message }] : [];
}

function poolEvents(before: Status, after: CertificateRotationStatus): TrustEvent[] {
  return (after.autoRotation ?? []).flatMap(({ pool, state, message }): TrustEvent[] => {
    if (state !== 'Disabled' && state !== 'Late') return [];
    if (state === 'Late' && after.certificates?.some((row) => row.pool === pool && row.health === 'Late')) return [];
    if (before?.autoRotation?.some((row) => row.pool === pool && row.state === state)) return [];
    return [{ type: 'Warning', reason: `AutoRotation${state}`, message: `Node pool ${pool}: ${message}` }];
  });
}
