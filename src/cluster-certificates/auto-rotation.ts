import { sentences } from '../api/sentences.ts';
import { spelledOut } from '../api/spelled-out.ts';
import { rotationEvidence, type RotationEvidence } from './auto-rotation-evidence.ts';
import { controlPlaneOnly } from './control-plane-only.ts';
import type { Evidence } from './evidence.ts';
import type { AutoRotationRow, Judgement } from './judgement.ts';
import { isLate, kubeletPools, NO_POOL, type KubeletCertificate, type KubeletPool } from './kubelet-certificates.ts';
import { secondsOf } from './times.ts';

/** The schema allows 100 rows, one for each pool that a cluster can have. */
const MOST_ROWS = 100;
/** Nodes that a message names. */
const NAMED = 3;

/**
 * One row for each node pool, by name: whether its kubelets renew their certificates. They replace all rows of `before`. Disabled comes
 * before Late, Enabled and Unknown. A renewal that was seen once stays the evidence while the pool exists: the API server forgets
 * requests after an hour. Empty while no pool is known.
 *
 * Pools that have to be recreated, because only the control plane was renewed while the cluster was stopped, are named in the message.
 *
 * @param before the judgement that the last status has
 * @param now in ms
 */
export function autoRotationOf(
  evidence: Evidence | undefined,
  before: Judgement,
  now: number,
): readonly AutoRotationRow[] {
  if (!evidence) return before.autoRotation;
  const pools = kubeletPools(evidence, before);
  if (!pools) return evidence.nodes ? before.autoRotation : [];
  return pools.slice(0, MOST_ROWS).map((pool) => {
    const previous = before.autoRotation.find((row) => row.pool === pool.name);
    return rowOf(pool, rotationEvidence(pool, evidence, previous), evidence, before, now);
  });
}

function rowOf(
  pool: KubeletPool,
  shown: RotationEvidence,
  evidence: Evidence,
  before: Judgement,
  now: number,
): AutoRotationRow {
  const overdue = [...pool.certificates.Client.values()].filter((one) => isLate(one, now) || one.notAfter < now);
  const state =
    shown.kind === 'Off' ? 'Disabled' : overdue.length > 0 ? 'Late' : shown.kind === 'On' ? 'Enabled' : 'Unknown';
  const stopped = controlPlaneOnly(pool, overdue, evidence, before);
  return {
    pool: pool.name,
    state,
    ...(shown.text === undefined ? {} : { evidence: shown.text }),
    ...(shown.seenAt === undefined ? {} : { seenAt: secondsOf(shown.seenAt) }),
    message: sentences(messageOf(state, pool, shown, overdue), stopped),
  };
}

function messageOf(
  state: AutoRotationRow['state'],
  { name, nodes, certificates }: KubeletPool,
  shown: RotationEvidence,
  overdue: readonly KubeletCertificate[],
): string {
  const of = name === NO_POOL ? 'The kubelets of the nodes without a pool' : `The kubelets of pool ${name}`;
  switch (state) {
    case 'Enabled':
      return `${of} renew their certificates by themselves, at 70 to 90 percent of their life. Do not turn TLS bootstrapping off, which this needs.`;
    case 'Disabled': {
      const first = [...certificates.Client.values()].sort((a, b) => a.notAfter - b.notAfter)[0];
      const expiry = first ? ` The first certificate that is known expires at ${secondsOf(first.notAfter)}.` : '';
      return `${shown.silent.length} of ${nodes.length} kubelets of this pool do not renew their certificates: ${spelledOut(shown.silent, NAMED)}.${expiry} Upgrade the control plane and then the node pool (az aks upgrade), which turns auto-rotation on in a cluster with Kubernetes RBAC. Do not turn TLS bootstrapping off, which it needs.`;
    }
    case 'Late': {
      const names = spelledOut(
        overdue.map(({ node }) => node),
        NAMED,
      );
      return `${overdue.length} of ${nodes.length} kubelets of this pool have not renewed their client certificates, which are past 90 percent of their life or expired: ${names}. Restart these kubelets, or replace the nodes (az aks nodepool upgrade --node-image-only), before the certificates expire.`;
    }
    case 'Unknown':
      return sentences(
        shown.firstUse ?? `Nothing shows yet whether ${of.replace('The', 'the')} renew their certificates`,
        HOW_TO_KNOW,
      );
  }
}

const HOW_TO_KNOW =
  'It becomes known when the controller sees a renewal. On a node, TLS bootstrapping is on where /var/lib/kubelet/bootstrap-kubeconfig exists (Linux) or C:\\k\\bootstrap-config (Windows); new node images do without these files.';
