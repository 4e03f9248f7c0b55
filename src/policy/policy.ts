import type { PrometheusRule, PrometheusSource } from './prometheus.ts';
import { compileWildcard, segmentsOf, type Matches } from './wildcard.ts';

/** Ways to read nodes that an object can request: its own kubeconfig Secret, or the controller's own identity. */
export const NODE_ACCESS = ['Secret', 'azure', 'inCluster'] as const;
export type NodeAccessKind = (typeof NODE_ACCESS)[number];

/** Verifications on nodes that an object can request. */
export const VERIFY = ['pull', 'trustStore'] as const;
export type VerifyKind = (typeof VERIFY)[number];

/**
 * Rights that a rule of the policy file has to name, and that are off without a policy file. `adopt`: certificates that were in the
 * cluster before any object named them may be removed. `rotate`: the cluster's own certificates may be rotated, which recreates all of
 * its nodes. `writeKubeconfigs`: the kubeconfig that ARM returns for the cluster may be
 * written into a Secret of the namespace. `findConsumers`: the names of the cluster's objects that hold its CA, as the controller's own
 * access finds them, may be shown to the namespace.
 */
export const OPT_IN_RIGHTS = ['adopt', 'rotate', 'writeKubeconfigs', 'findConsumers'] as const;
export type OptInRights = Readonly<Record<(typeof OPT_IN_RIGHTS)[number], boolean>>;

/** The opt-in rights that `has` is true for. */
export function optInRights(has: (right: (typeof OPT_IN_RIGHTS)[number]) => boolean): OptInRights {
  return {
    adopt: has('adopt'),
    rotate: has('rotate'),
    writeKubeconfigs: has('writeKubeconfigs'),
    findConsumers: has('findConsumers'),
  };
}

/** The rights of one namespace on one cluster. */
export interface Grants extends OptInRights {
  /** False: its objects may not name the cluster at all, and the other members have no effect. */
  readonly target: boolean;
  readonly nodeAccess: readonly NodeAccessKind[];
  readonly verify: readonly VerifyKind[];
  /** True: pods of a verification may also be created with the operator's own access (`azure`, `inCluster`). */
  readonly verifyOverOperatorWays: boolean;
}

/** A key of a Secret in the controller's own namespace. */
export interface SecretRef {
  readonly name: string;
  readonly key: string;
}

/** The rights of all namespaces. A policy never changes; a changed file makes a new one. */
export interface Policy {
  grants(namespace: string, resourceId: string): Grants;
  /** The operator's own kubeconfig Secret for the nodes of a cluster. */
  kubeconfigSecretFor(resourceId: string): SecretRef | undefined;
  /** The Prometheus that has the metrics of the cluster's kubelets. */
  prometheusFor(resourceId: string): PrometheusSource | undefined;
  /** Every Prometheus that it names, in order. */
  readonly prometheus: readonly PrometheusSource[];
}

/** One rule of the policy file. A right that it does not list is not granted. */
export interface PolicyRule extends Partial<OptInRights> {
  readonly namespaces: readonly string[];
  readonly clusters: readonly string[];
  readonly nodeAccess: readonly NodeAccessKind[];
  readonly verify: readonly VerifyKind[];
}

export interface NodeAccessRule {
  readonly clusters: readonly string[];
  readonly kubeconfigSecretRef: SecretRef;
}

export interface PolicyRules {
  readonly rules: readonly PolicyRule[];
  readonly nodeAccess: readonly NodeAccessRule[];
  readonly prometheus?: readonly PrometheusRule[];
}

/** The rights of every namespace without a policy file. */
export const OPEN_GRANTS: Grants = {
  target: true,
  nodeAccess: NODE_ACCESS,
  verify: VERIFY,
  verifyOverOperatorWays: false,
  ...optInRights(() => false),
};

const NOTHING: Grants = {
  target: false,
  nodeAccess: [],
  verify: [],
  verifyOverOperatorWays: false,
  ...optInRights(() => false),
};

/** The policy of a controller without a policy file. */
export const OPEN_POLICY: Policy = {
  grants: () => OPEN_GRANTS,
  kubeconfigSecretFor: () => undefined,
  prometheusFor: () => undefined,
  prometheus: [],
};

/** The policy of a file: a namespace has on a cluster the rights of all rules that match both. */
export function createPolicy({ rules, nodeAccess, prometheus = [] }: PolicyRules): Policy {
  const compiled = rules.map((rule) => ({
    rule,
    matchesNamespace: anyOf(rule.namespaces),
    matchesCluster: anyOf(rule.clusters.map(fullPattern)),
  }));
  const secrets = nodeAccess.map(({ clusters, kubeconfigSecretRef }) => ({
    matchesCluster: anyOf(clusters.map(fullPattern)),
    kubeconfigSecretRef,
  }));
  const metrics = prometheus.map(({ clusters, ...source }) => ({
    matchesCluster: anyOf(clusters.map(fullPattern)),
    source,
  }));
  return {
    grants(namespace, resourceId) {
      const [from, to] = [segmentsOf(namespace), segmentsOf(resourceId)];
      const matching = compiled.filter((one) => one.matchesNamespace(from) && one.matchesCluster(to));
      if (matching.length === 0) return NOTHING;
      const verify = VERIFY.filter((kind) => matching.some(({ rule }) => rule.verify.includes(kind)));
      return {
        target: true,
        nodeAccess: NODE_ACCESS.filter((kind) => matching.some(({ rule }) => rule.nodeAccess.includes(kind))),
        verify,
        verifyOverOperatorWays: verify.length > 0,
        ...optInRights((right) => matching.some(({ rule }) => rule[right] === true)),
      };
    },
    kubeconfigSecretFor(resourceId) {
      const to = segmentsOf(resourceId);
      return secrets.find((one) => one.matchesCluster(to))?.kubeconfigSecretRef;
    },
    prometheusFor(resourceId) {
      const to = segmentsOf(resourceId);
      return metrics.find((one) => one.matchesCluster(to))?.source;
    },
    prometheus: metrics.map(({ source }) => source),
  };
}

const SHORT = /^(\/subscriptions\/[^/]+\/resourcegroups\/[^/]+)\/([^/]+)$/i;

/**
 * Expands `/subscriptions/{id}/resourceGroups/{group}/{cluster}`, which is short for the whole resource id of a cluster. No
 * resource id of a cluster has that form, so the short form is unambiguous.
 */
function fullPattern(pattern: string): string {
  return pattern.replace(SHORT, '$1/providers/Microsoft.ContainerService/managedClusters/$2');
}

/** False for a pattern that no cluster's resource id can match. */
export function canMatchCluster(pattern: string): boolean {
  const segments = fullPattern(pattern).split('/');
  const fixed = ['', 'subscriptions', undefined, 'resourceGroups', undefined, 'providers'];
  const rest = ['Microsoft.ContainerService', 'managedClusters', undefined];
  const form = [...fixed, ...rest];
  return (
    segments.length === form.length &&
    form.every((expected, index) => {
      const segment = segments[index] ?? '';
      return expected === undefined ? segment !== '' : compileWildcard(segment)(segmentsOf(expected));
    })
  );
}

/** True where two policies give an object the same rights. */
export function sameGrants(a: Grants, b: Grants): boolean {
  return (
    a.target === b.target &&
    OPT_IN_RIGHTS.every((right) => a[right] === b[right]) &&
    a.verifyOverOperatorWays === b.verifyOverOperatorWays &&
    a.nodeAccess.join() === b.nodeAccess.join() &&
    a.verify.join() === b.verify.join()
  );
}

function anyOf(patterns: readonly string[]): Matches {
  const matchers = patterns.map(compileWildcard);
  return (text) => matchers.some((matches) => matches(text));
}
