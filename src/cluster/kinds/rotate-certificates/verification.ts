import type { ConditionValue } from '../../../api/conditions.ts';
import { sentences } from '../../../api/sentences.ts';
import { spelledOut } from '../../../api/spelled-out.ts';

/** One thing that is checked after a rotation. */
export interface VerificationRow {
  readonly name: VerificationName;
  /** `Pending`: it is checked again. */
  readonly result: 'Passed' | 'Failed' | 'Pending' | 'Unknown';
  /** Why, in whole sentences. */
  readonly message: string;
}

export type VerificationName =
  | 'OldClientCertificateRejected'
  | 'OldTokenRejected'
  | 'NewKubeconfigAccepted'
  | 'ClientCAPublished'
  | 'RootCAPublished'
  | 'RootCAInAllNamespaces'
  | 'APIServicesAvailable'
  | 'WorkloadsAvailable'
  | 'CustomCAsUnchanged';

/** What became of a credential of before the rotation. */
export type OldCredentialState =
  | { readonly kind: 'Rejected'; readonly times: number; readonly overMs: number }
  | { readonly kind: 'Accepted' }
  /** There was none. */
  | { readonly kind: 'None' }
  /** `lasting`: trying again shows nothing else. */
  | { readonly kind: 'Unknown'; readonly why: string; readonly lasting?: true };

/** What was read after a rotation; a part that was not read is undefined. */
export interface VerificationFacts {
  /** Undefined: the controller was started since the rotation began, and kept no credentials. */
  readonly old: Readonly<Record<'clientCertificate' | 'token', OldCredentialState>> | undefined;
  /** Whether the API server accepted the kubeconfig that ARM returns now. */
  readonly kubeconfig: Fact<boolean>;
  /** SHA-256 of each CA whose client certificates the API server accepts. */
  readonly clientCAs: Fact<readonly string[]>;
  /** SHA-256 of each CA in ConfigMap kube-system/kube-root-ca.crt. */
  readonly rootCAs: Fact<readonly string[]>;
  /** Namespaces whose pods get another CA than the new one, or the old one as well. */
  readonly lateNamespaces: Fact<readonly string[]>;
  /** APIServices that were available before the rotation, and are not now. */
  readonly lostAPIServices: Fact<readonly string[]>;
  /** Workloads that were complete before the rotation, and are not now. */
  readonly lostWorkloads: Fact<readonly string[]>;
  /** Whether the cluster's list of custom CAs is as before the rotation, byte by byte. */
  readonly sameCustomCAs: Fact<boolean>;
  /** SHA-256 of the cluster CA before the rotation, and now. */
  readonly oldCA: string;
  readonly newCA: string;
  /** The time since the rotation was complete, in ms. */
  readonly sinceMs: number;
  /** The time over which an old credential has to be rejected, in ms. */
  readonly proofOver: number;
}

/** The CAs that pods of a namespace get, each by its SHA-256. */
export interface NamespaceCAs {
  readonly namespace: string;
  readonly cas: readonly string[];
}

/** A Deployment, StatefulSet or DaemonSet of which not all pods are available. */
export interface IncompleteWorkload {
  /** Its kind, namespace and name: `Deployment team/web`. */
  readonly name: string;
  /** By the clock of the cluster, in ms. */
  readonly createdAt: number;
}

export type Fact<T> = { readonly known: true; readonly value: T } | { readonly known: false; readonly why: string };

/** Replicas of the API server may be out of step: a credential counts as rejected after this many answers. */
const REJECTIONS = 5;
/** What is not as it should be after this time stays a failure, in ms. Parts of a cluster get the new CA some minutes later. */
export const PATIENCE = 30 * 60_000;

/** Why nothing can be compared with the time before a rotation. */
export const NOTHING_KEPT =
  'The controller was started after the rotation began, and keeps what is needed for this in memory only.';

/** The rows of `status.verification`. */
export function verificationRows(facts: VerificationFacts): readonly VerificationRow[] {
  return [
    ...oldCredentialRow('OldClientCertificateRejected', 'client certificate', facts.old?.clientCertificate, facts),
    ...oldCredentialRow('OldTokenRejected', 'static token', facts.old?.token, facts),
    row(facts, 'NewKubeconfigAccepted', facts.kubeconfig, (accepted) => accepted, {
      passed: 'The API server accepts the kubeconfig that ARM returns, with the new CA.',
      failed: 'The API server does not accept the kubeconfig that ARM returns.',
    }),
    // kube-apiserver adds its CA to this bundle and removes none that is valid. It does not go by the bundle itself.
    row(facts, 'ClientCAPublished', facts.clientCAs, (cas) => cas.includes(facts.newCA), {
      passed:
        'Aggregated API servers get the new CA for client certificates (client-ca-file). They go on accepting the other CAs that are in it.',
      failed: 'Aggregated API servers do not get the new CA for client certificates yet (client-ca-file).',
    }),
    row(facts, 'RootCAPublished', facts.rootCAs, (cas) => isReplaced(cas, facts), {
      passed: 'Pods get the new CA (ConfigMap kube-root-ca.crt of kube-system).',
      failed:
        'ConfigMap kube-root-ca.crt of kube-system does not have the new CA, or still has the old one. Pods that start now do not trust the API server: check kube-controller-manager, or open a support request.',
    }),
    row(facts, 'RootCAInAllNamespaces', facts.lateNamespaces, (late) => late.length === 0, {
      passed: 'Pods get the new CA in every namespace that has ConfigMap kube-root-ca.crt.',
      failed: `ConfigMap kube-root-ca.crt does not have the new CA, or still has the old one, in ${shown(facts.lateNamespaces)}. Pods that start there do not trust the API server: check kube-controller-manager, or open a support request.`,
    }),
    row(facts, 'APIServicesAvailable', facts.lostAPIServices, (lost) => lost.length === 0, {
      passed: 'Every APIService that was available before the rotation is available, so the tunnel to the nodes works.',
      failed: `APIServices are not available any more: ${shown(facts.lostAPIServices)}. The tunnel to the nodes may have the old CA: restart the konnectivity-agent pods in kube-system.`,
    }),
    row(facts, 'WorkloadsAvailable', facts.lostWorkloads, (lost) => lost.length === 0, {
      passed: 'Every workload of which all pods were available before the rotation is as available now.',
      failed: `Not all pods are available of workloads that were complete before the rotation: ${shown(facts.lostWorkloads)}. Pods that keep the old CA or an old token have to be restarted: read their logs (kubectl describe, kubectl logs).`,
    }),
    row(facts, 'CustomCAsUnchanged', facts.sameCustomCAs, (same) => same, {
      passed: "The cluster's list of custom CAs is as before, byte by byte.",
      failed: "The cluster's list of custom CAs is not as before the rotation.",
    }),
  ];
}

function oldCredentialRow(
  name: VerificationName,
  what: string,
  state: OldCredentialState | undefined,
  { sinceMs, proofOver }: VerificationFacts,
): readonly VerificationRow[] {
  if (!state) return [{ name, result: 'Unknown', message: NOTHING_KEPT }];
  switch (state.kind) {
    // A kubeconfig for Microsoft Entra ID has neither.
    case 'None':
      return [];
    case 'Unknown':
      return [
        {
          name,
          result: state.lasting || sinceMs > PATIENCE ? 'Unknown' : 'Pending',
          message: sentences(state.why),
        },
      ];
    case 'Accepted':
      return [
        {
          name,
          result: sinceMs > PATIENCE ? 'Failed' : 'Pending',
          message: `The API server still accepts the ${what} of before the rotation. Rotate again, or open a support request, if it is leaked.`,
        },
      ];
    case 'Rejected': {
      const proved = state.times >= REJECTIONS && state.overMs >= proofOver;
      return [
        {
          name,
          result: proved ? 'Passed' : 'Pending',
          message: `The API server accepted the ${what} before the rotation and rejects it now (401)${proved ? ', each time on a new connection' : ''}.`,
        },
      ];
    }
  }
}

function row<T>(
  { sinceMs }: VerificationFacts,
  name: VerificationName,
  fact: Fact<T>,
  isGood: (value: T) => boolean,
  { passed, failed }: { readonly passed: string; readonly failed: string },
): VerificationRow {
  if (!fact.known) return { name, result: 'Unknown', message: sentences(fact.why) };
  if (isGood(fact.value)) return { name, result: 'Passed', message: passed };
  return { name, result: sinceMs > PATIENCE ? 'Failed' : 'Pending', message: failed };
}

function isReplaced(cas: readonly string[], { oldCA, newCA }: Pick<VerificationFacts, 'oldCA' | 'newCA'>): boolean {
  return cas.includes(newCA) && !cas.includes(oldCA);
}

/** The namespaces that have another CA than the new one, or the old one besides. */
export function lateNamespacesOf(
  found: Fact<readonly NamespaceCAs[]>,
  cas: Pick<VerificationFacts, 'oldCA' | 'newCA'>,
): Fact<readonly string[]> {
  if (!found.known) return found;
  const late = found.value.filter((one) => !isReplaced(one.cas, cas));
  return { known: true, value: late.map(({ namespace }) => namespace) };
}

/**
 * The workloads that are incomplete now and were not before. One that was made since does not count: nothing shows that the rotation is
 * its trouble.
 *
 * @param notedAt when `was` was read, in ms
 */
export function lostWorkloadsOf(
  was: Fact<readonly IncompleteWorkload[]>,
  notedAt: number,
  now: Fact<readonly IncompleteWorkload[]>,
): Fact<readonly string[]> {
  if (!was.known) return was;
  if (!now.known) return now;
  const before = new Set(was.value.map(({ name }) => name));
  const lost = now.value.filter(({ name, createdAt }) => createdAt <= notedAt && !before.has(name));
  return { known: true, value: lost.map(({ name }) => name) };
}

const MOST_SHOWN = 5;

function shown(fact: Fact<readonly string[]>): string {
  return spelledOut(fact.known ? fact.value : [], MOST_SHOWN);
}

/**
 * True while a row may still change: parts of the cluster, and the controller's own access to it, get the new CA some minutes later.
 *
 * @param sinceMs the time since the rotation was complete, in ms
 */
export function isOpen(rows: readonly Pick<VerificationRow, 'result'>[], sinceMs: number): boolean {
  const isUnsettled = rows.some(({ result }) => result === 'Pending' || result === 'Unknown');
  return rows.some(({ result }) => result === 'Pending') || (isUnsettled && sinceMs <= PATIENCE);
}

/** Condition OldCertificatesRejected: True once each credential that the old kubeconfig had is proved to be rejected. */
export function oldCertificatesRejected(
  rows: readonly Pick<VerificationRow, 'name' | 'result' | 'message'>[],
): ConditionValue {
  const old = rows.filter(({ name }) => name === 'OldClientCertificateRejected' || name === 'OldTokenRejected');
  const message = old.length > 0 ? old.map((one) => one.message).join(' ') : NO_CREDENTIALS;
  const has = (result: VerificationRow['result']) => old.some((one) => one.result === result);
  if (has('Failed')) return { status: 'False', reason: 'OldCertificatesAccepted', message };
  if (has('Pending')) return { status: 'Unknown', reason: 'Verifying', message };
  return has('Unknown') || old.length === 0
    ? { status: 'Unknown', reason: 'NotProved', message }
    : { status: 'True', reason: 'Rejected', message };
}

const NO_CREDENTIALS =
  'The kubeconfig of before the rotation had no credentials of the cluster, because people sign in with Microsoft Entra ID.';
