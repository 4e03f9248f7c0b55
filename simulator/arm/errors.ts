import { realError } from '../corpus.ts';
import { json } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';
import { replaced } from '../words.ts';
import type { Words } from '../words.ts';

interface ErrorDetails {
  /** The resource provider's own bodies often come without the `error` member around them. */
  readonly unwrapped?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly target?: string;
  /** The whole body, where it is known. */
  readonly body?: Readonly<Record<string, unknown>>;
}

/** A refusal with a code and ARM's or AKS' wording. Handlers throw it; the router answers it. */
export class ArmError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: ErrorDetails;

  constructor(status: number, code: string, message: string, details: ErrorDetails = {}) {
    super(message);
    this.name = 'ArmError';
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

export function answerOfError({ status, code, message, details }: ArmError): Answer {
  const { unwrapped = false, headers, target, body } = details;
  const error = { code, message, ...(target === undefined ? {} : { target }) };
  return json(status, body ?? (unwrapped ? error : { error }), headers);
}

/**
 * A real error of corpus.json, said of other resources.
 * @param actual by the examples of its message and target, what stands in their places. Each example has to be there.
 */
export function spokenError(
  id: string,
  actual: Readonly<Record<string, string>> = {},
  { headers = {}, wrapped }: { headers?: Readonly<Record<string, string>>; wrapped?: boolean } = {},
): ArmError {
  const { status, body } = realError(id);
  const text = Object.entries(actual).reduce(
    (said, [example, value]) => replaced(said, quoted(example), quoted(value), id),
    JSON.stringify(body),
  );
  const said = JSON.parse(text) as { error?: unknown; code?: string; message?: string };
  const { code = '', message = '' } = (said.error ?? said) as { code?: string; message?: string };
  const isBare = said.error === undefined;
  return new ArmError(status, code, message, { headers, body: wrapped === true && isBare ? { error: said } : said });
}

/** As it stands in JSON, without the quotes around it. */
function quoted(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

export function clusterNotFound(resourceGroup: string, name: string): ArmError {
  return spokenError('cluster-not-found', { "'rg'": `'${resourceGroup}'`, 'prod-weu': name });
}

/** Something else that goes on: a provisioning state, and where only a pool shows it, its name. */
export interface Activity {
  readonly provisioningState: string;
  readonly pool?: string;
  readonly operationId: string;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** The answer of AKS while something else is going on. */
export function anotherOperation(activity: Activity, words: Words): ArmError {
  const { provisioningState, pool, operationId, startedAt } = activity;
  const started = {
    '6f3c2c1e-6a1f-4d0e-9a35-4d4f5bb1a111': operationId,
    '2026-05-04T09:12:33Z': startedAt,
    'progress update': `progress ${verbOf(provisioningState)}`,
  };
  if (pool === undefined) {
    const id = words.pick('busyCluster');
    if (id === 'in-progress-update-cluster') return spokenError(id, started);
    return id === 'another-operation' ? spokenError(id, { '(Updating)': `(${provisioningState})` }) : spokenError(id);
  }
  switch (words.pick('busyPool')) {
    case 'in-progress-update-pool':
      return spokenError('in-progress-update-pool', { ...started, 'agent pool system': `agent pool ${pool}` });
    case 'another-agentpool-operation':
      return spokenError('another-agentpool-operation', { 'nodepool1 - Creating': `${pool} - ${provisioningState}` });
    case 'another-operation-of-a-pool':
      return spokenError('another-operation-of-a-pool', { 'nodepool1 - Updating': `${pool} - ${provisioningState}` });
  }
}

const VERBS: Readonly<Record<string, string>> = {
  Updating: 'update',
  Upgrading: 'upgrade',
  Scaling: 'scale',
  Creating: 'create',
  Deleting: 'delete',
  Starting: 'start',
  Stopping: 'stop',
  Canceling: 'cancel',
  RotatingClusterCertificates: 'rotate cluster certificates',
};

function verbOf(provisioningState: string): string {
  return VERBS[provisioningState] ?? provisioningState.toLowerCase();
}
