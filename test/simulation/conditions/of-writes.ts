import { corpusError } from '../../corpus.ts';
import type { Answer, PutFate } from '../lasting.ts';
import { VICTIM } from '../script.ts';
import type { Condition, Costs } from './condition.ts';

const MINUTE = 60_000;

/** An answer of the corpus. */
export function answerOf(id: string): Answer {
  const { status, retryAfter, body } = corpusError(id);
  const headers = retryAfter === undefined ? {} : { headers: { 'retry-after': retryAfter } };
  return { status, text: JSON.stringify(body), ...headers };
}

/** Code and words of an answer as ARM or AKS wrote it. */
function saidBy(id: string): RegExp {
  const { body } = corpusError(id);
  const { error = body } = body as { error?: unknown };
  const { code, message } = error as { code: string; message: string };
  return new RegExp(
    [code, message.slice(0, 40)]
      .filter((text) => text !== '')
      .map(escaped)
      .join('|'),
  );
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

type Says = Omit<NonNullable<Condition['says']>, 'object'>;

function ofWrites(name: string, fate: PutFate, says: Says, costs: Partial<Costs> = {}): Condition {
  return {
    name,
    spares: /throttled-by-(arm|compute)/.test(name) ? 'Nobody' : 'OtherClusters',
    costs,
    says: { object: VICTIM, ...says },
    begin({ world, aks }) {
      world.lasting = { put: (one) => (one === aks ? fate : undefined) };
      return () => (world.lasting = undefined);
    },
  };
}

/** Where several answers in a row are no accident yet, as many more may be sent at once. */
const RACES: Partial<Costs> = { firstPuts: 13 };

/** Every refusal of the corpus that a write may get, and what it is said as. */
const REFUSALS: readonly (readonly [reason: string, ids: readonly string[], costs?: Partial<Costs>])[] = [
  ['DisallowedByPolicy', ['policy', 'policy-preflight', 'disallowed-by-azure', 'region-not-open']],
  ['ScopeLocked', ['locked', 'locked-at-several']],
  [
    'ClusterBusy',
    [
      'another-operation',
      'another-operation-of-a-pool',
      'another-agentpool-operation',
      'in-progress-update-cluster',
      'in-progress-update-pool',
      'in-progress-addon',
      'mutually-exclusive',
      'while-being-upgraded',
      'concurrent-request',
      'another-operation-in-progress',
      'superseded',
      'conflicting-concurrent-write',
      'conflicting-changes',
      'pending-on-the-resource',
      'pessimistic-concurrency',
      'deployment-active',
      'preempted',
      'preempted-by-delete',
    ],
  ],
  ['ClusterBusy', ['etag-mismatch', 'precondition-mismatch'], RACES],
  ['Throttled', ['throttled-by-aks', 'throttled-by-arm', 'throttled-by-compute', 'retryable-another-operation']],
  [
    'CertificateRejected',
    ['certificate-undecodable', 'certificate-by-target', 'certificate-by-details', 'certificate-in-words'],
  ],
  ['ClusterCertificatesExpired', ['cluster-certificates-expired', 'cluster-certificates-expired-wrapped']],
  ['BlockedByNodeDisruptionPolicy', ['disruption-blocked']],
  ['WaitingForMaintenanceWindow', ['disruption-window']],
  [
    'ApiVersionUnavailable',
    ['api-version-not-registered', 'api-version-invalid', 'api-version-without-list', 'api-version-with-list'],
  ],
  [
    'AccessDenied',
    [
      'role-missing-write',
      'linked-singular',
      'linked-singular-bare',
      'linked-plural',
      'linked-several',
      'linked-identity',
      'linked-foreign-tenant',
      'deny-assignment',
      'network-not-allowed',
      'not-permitted-action',
      'token-expired',
      'token-of-another-tenant',
      'group-not-found',
      'subscription-not-found',
    ],
  ],
  [
    'UpdateFailed',
    [
      'conflict-without-words',
      'failed-deployment',
      'workspace-not-found',
      'workspace-not-found-in-words',
      'unsatisfiable-pdb',
      'unsatisfiable-pdb-wrapped',
      'quota-regional',
      'quota-operation-not-allowed',
      'quota-exceeded',
      'version-not-allowed',
      'subnet-full',
      'subnet-too-small',
      'no-capacity',
      'size-not-available',
      'pool-introduced',
      'pool-introduced-by-target',
      'property-change',
      'subscription-read-only',
      'namespace-not-registered',
    ],
  ],
  ['Unreachable', ['internal-error', 'entity-store-error', 'gateway-timeout', 'unavailable', 'too-early']],
];

const throttledFor = (retryAfter: string): Answer => ({
  ...answerOf('throttled-by-aks'),
  headers: { 'retry-after': retryAfter },
});
const page = (status: number): Answer => ({ status, text: '<html><title>Blocked by proxy</title></html>' });

/** Conditions of writes to ARM. */
export const OF_WRITES: readonly Condition[] = [
  ...REFUSALS.flatMap(([reason, ids, costs]) =>
    ids.map((id) =>
      ofWrites(
        `every write is refused: ${id}`,
        { kind: 'Refused', answer: answerOf(id) },
        { reasons: [reason], words: saidBy(id) },
        costs,
      ),
    ),
  ),
  ...['0', '1', '86400', '31536000', '99999999999999', '-5', 'soon'].map((retryAfter) =>
    ofWrites(
      `every write is throttled, Retry-After: ${retryAfter}`,
      { kind: 'Refused', answer: throttledFor(retryAfter) },
      { reasons: ['Throttled'] },
    ),
  ),
  ...[200, 302, 403, 404, 502].map((status) =>
    ofWrites(
      `every write is answered by a page of a proxy with ${status}`,
      { kind: 'Refused', answer: page(status) },
      status === 200 ? { reasons: ['NotKept', 'Unreachable'] } : { reasons: ['Unreachable'] },
    ),
  ),
  ofWrites('every write is lost', { kind: 'Lost' }, { reasons: ['Unreachable'] }),
  // A correction of what another client did that is not kept is, to the controller, that client at work again.
  ofWrites('every write is accepted and forgotten', { kind: 'Forgotten' }, { reasons: ['NotKept', 'Contended'] }),
  ofWrites(
    'every write is accepted, rolls the nodes and is forgotten',
    { kind: 'RolledInVain' },
    { reasons: ['NotKept', 'Contended'], within: 40 * MINUTE },
    { firstReads: 200, firstRecordWrites: 60 },
  ),
  {
    name: 'the answers to writes are lost, and they arrive',
    spares: 'Everybody',
    begin({ world, aks }) {
      world.lasting = { put: (one) => (one === aks ? { kind: 'Unanswered' } : undefined) };
      return () => (world.lasting = undefined);
    },
  },
];
