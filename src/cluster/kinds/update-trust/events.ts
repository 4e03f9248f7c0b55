import type { CustomCATrustStatus } from '../../../api/generated/customcatrusts.ts';
import { reasonPolicy } from '../../../api/reasons.ts';
import { withCapital } from '../../../api/sentences.ts';
import type { RecordStatus } from '../../model/record.ts';
import type { TrustEvent } from '../../model/trust-event.ts';

/** Events for the difference of two statuses: a new reason of `Ready`, each newly blocked pool, and each certificate that has newly expired or is no authority. */
export function eventsOf(before: CustomCATrustStatus | undefined, after: CustomCATrustStatus): TrustEvent[] {
  const ready = readyEvents(before, after);
  return [...ready, ...(ready.length > 0 ? [] : blockerEvents(before, after)), ...certificateEvents(before, after)];
}

/** Events about a cluster's record: one for each new problem with its list. */
export function recordEvents(before: RecordStatus | undefined, after: RecordStatus | undefined): TrustEvent[] {
  const conditionOf = (status: RecordStatus | undefined, name: string) =>
    status?.conditions?.find(({ type, status: conditionStatus }) => type === name && conditionStatus === 'True');
  return ['PrivateKeyInList', 'LargeList'].flatMap((name): TrustEvent[] => {
    const found = conditionOf(after, name);
    if (!found || found.message === conditionOf(before, name)?.message) return [];
    return [{ type: 'Warning', reason: name, message: found.message }];
  });
}

function readyEvents(before: CustomCATrustStatus | undefined, after: CustomCATrustStatus): TrustEvent[] {
  const ready = after.conditions?.find(({ type }) => type === 'Ready');
  const previous = before?.conditions?.find(({ type }) => type === 'Ready');
  if (!ready || ready.reason === previous?.reason) return [];
  const stalled = after.conditions?.some(({ type }) => type === 'Stalled') ?? false;
  const warns = stalled || reasonPolicy(ready.reason).severity === 'Warning';
  return [{ type: warns ? 'Warning' : 'Normal', reason: ready.reason, message: ready.message }];
}

/** Events for pools that are blocked after another one: the reason of `Ready` does not change then. */
function blockerEvents(before: CustomCATrustStatus | undefined, after: CustomCATrustStatus): TrustEvent[] {
  const ready = after.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.reason !== 'ReimageBlocked') return [];
  const reportedBefore = new Set(before?.nodePools?.flatMap(({ name, blockedBy }) => (blockedBy ? [name] : [])));
  return (after.nodePools ?? [])
    .filter(({ name, blockedBy }) => blockedBy && !reportedBefore.has(name))
    .map(({ name, blockedBy }) => ({
      type: 'Warning',
      reason: ready.reason,
      message: withCapital(`node pool ${name}: ${blockedBy}`),
    }));
}

type Row = NonNullable<CustomCATrustStatus['certificates']>[number];

function certificateEvents(before: CustomCATrustStatus | undefined, after: CustomCATrustStatus): TrustEvent[] {
  const newly = (warning: string): Row[] => {
    const warned = (status: CustomCATrustStatus | undefined) =>
      (status?.certificates ?? []).filter(({ warnings }) => warnings?.includes(warning));
    const reportedBefore = new Set(warned(before).map(({ fingerprintSHA256 }) => fingerprintSHA256));
    return warned(after).filter(({ fingerprintSHA256 }) => !reportedBefore.has(fingerprintSHA256));
  };
  const which = ({ name, index, subject }: Row) => `Certificate ${index} of entry "${name}" (${subject})`;
  return [
    ...newly('Expired').map((row) => ({
      type: 'Warning' as const,
      reason: 'CertificateExpired',
      message: `${which(row)} expired at ${row.notAfter}. It stays in the cluster's list until it is removed from the object.`,
    })),
    ...newly('NotACertificateAuthority').map((row) => ({
      type: 'Warning' as const,
      reason: 'NotACertificateAuthority',
      message: `${which(row)} may not sign certificates: perhaps it is the certificate of a server. It is used all the same. Use the certificate of the authority that issued it.`,
    })),
  ];
}
