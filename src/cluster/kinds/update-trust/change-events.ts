import { subjectsSpelledOut } from '../../../api/spelled-out.ts';
import { shownName } from '../../../certificates/x509/shown-name.ts';
import type { Decision } from '../../model/decision.ts';
import type { TrustEvent } from '../../model/trust-event.ts';
import type { TrustIntent } from '../../model/intent.ts';
import { objectOf, type NamedCertificate, type RecordStatus } from '../../model/record.ts';

/** The most certificates that an event names: as many as a list has. */
const NAMED = 10;

/**
 * An event for each object whose change ARM accepted: certificates added, certificates removed, and the number of nodes that AKS replaces.
 * `record` is the record as written for this change.
 */
export function changeEvents(
  intents: readonly TrustIntent[],
  { step, outlook }: Decision,
  record: RecordStatus,
): (readonly [TrustIntent, TrustEvent])[] {
  if (step.kind !== 'Send') return [];
  const { attempts, updateTrust: { adds = [], removes = [] } = {} } = step.operation;
  const subjects = new Map<string, string>();
  for (const [fingerprint, { details }] of outlook.view?.present ?? [])
    subjects.set(fingerprint, shownName(details.subject));
  for (const { rows } of intents)
    for (const { certificate } of rows)
      if (certificate) subjects.set(certificate.fingerprint, shownName(certificate.details.subject));

  const list = (certificates: readonly NamedCertificate[]) =>
    subjectsSpelledOut(
      certificates.map(({ fingerprintSHA256 }) => subjects.get(fingerprintSHA256) ?? fingerprintSHA256),
      NAMED,
    );
  const changes = [
    ...(adds.length > 0 ? [`Adds ${list(adds)}`] : []),
    ...(removes.length > 0 ? [`${adds.length > 0 ? 'removes' : 'Removes'} ${list(removes)}`] : []),
  ].join('; ');
  const total = record.nodes?.total;
  const nodes = total === undefined ? 'every Linux node' : total === 1 ? '1 node' : `${total} nodes`;
  const again = attempts > 1 ? ` This is attempt ${attempts}.` : '';
  const event: TrustEvent = {
    type: 'Normal',
    reason: 'UpdateSent',
    message: `${changes || "The cluster's list was sent again"}. AKS replaces ${nodes} for it.${again}`,
  };
  const named = new Set([...adds, ...removes].flatMap(({ namedBy = [] }) => namedBy.map(objectOf)));
  return intents.filter(({ name }) => named.has(name)).map((intent) => [intent, event] as const);
}
