import { escapeForDisplay } from '../api/display.ts';
import type { Evidence } from './evidence.ts';
import type { CertificateRow } from './judgement.ts';
import { keptRow, unknownRow, type RowKind } from './row.ts';

const SERVICE_ACCOUNT_KEYS: RowKind = {
  name: 'ServiceAccountKeys',
  maintainedBy: 'Microsoft',
  notAsked: {
    why: 'The service account keys were not read, because only the API server of the cluster shows them',
    fix: 'Set spec.target.nodeAccess.',
  },
  advice: () => '',
};

/** The most ids that a row shows. AKS has one or two: both are in use for 24 hours after a rotation of them. */
const MOST_KEYS = 16;
const LONGEST_ID = 128;

/** The row of the keys that sign the tokens of service accounts. They have no dates, so it is Healthy wherever they are known. */
export function serviceAccountKeysRow(
  evidence: Evidence | undefined,
  before: CertificateRow | undefined,
): CertificateRow {
  const finding = evidence?.signingKeys;
  if (!finding) return before ?? unknownRow(SERVICE_ACCOUNT_KEYS);
  if (!finding.known)
    return before ? keptRow(SERVICE_ACCOUNT_KEYS, before, 0, finding) : unknownRow(SERVICE_ACCOUNT_KEYS, finding);
  const keyIDs = [...new Set(finding.value)].sort();
  const more = keyIDs.length - MOST_KEYS;
  return {
    name: 'ServiceAccountKeys',
    maintainedBy: 'Microsoft',
    health: 'Healthy',
    source: escapeForDisplay(finding.source),
    keyIDs: keyIDs.slice(0, MOST_KEYS).map((id) => escapeForDisplay(id, LONGEST_ID)),
    ...(more > 0 ? { message: `The API server publishes ${more} more keys.` } : {}),
  };
}
