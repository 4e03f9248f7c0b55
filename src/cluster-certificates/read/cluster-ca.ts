import type { X509Certificate } from 'node:crypto';
import { sentences } from '../../api/sentences.ts';
import type { Finding } from '../evidence.ts';
import { configMapText } from './config-map.ts';
import { overAccess } from './over-access.ts';
import { certificatesIn } from './certificates.ts';
import type { EvidenceReader, Reading } from './source.ts';

type Found = Finding<readonly X509Certificate[]>;

/** The ConfigMap that the API server publishes in each namespace (kube-controller-manager, root-ca-certificate-publisher). */
const PUBLISHED = 'ConfigMap kube-root-ca.crt';

/**
 * The cluster CA: by the kubeconfig, or else by ConfigMap kube-root-ca.crt. The API server that has the ConfigMap may be another
 * cluster's, so where the two differ, the kubeconfig counts.
 */
export const clusterCA: EvidenceReader = {
  members: ['clusterCA'],
  noun: 'The cluster CA',
  ms: 15_000,
  async read(reading) {
    const [listed, published] = await Promise.all([ofKubeconfig(reading), ofConfigMap(reading)]);
    if (!listed || !published) return finding(listed ?? published);
    if (!listed.known) return finding(published.known ? published : listed);
    if (!published.known || areSame(listed.value, published.value)) return finding(listed);
    const note = `${PUBLISHED} of namespace kube-system has another CA than the ${listed.source}. While the certificates of the cluster are being rotated, this resolves by itself. Otherwise the access in spec.target.nodeAccess leads to another cluster.`;
    return finding({ ...listed, note });
  },
};

function finding(found: Found | undefined): { readonly clusterCA?: Found } {
  return found ? { clusterCA: found } : {};
}

async function ofKubeconfig({ kubeconfig }: Reading): Promise<Found | undefined> {
  const found = await kubeconfig();
  if (!found?.known) return found;
  const { source, value } = found;
  const { clusterCA } = value;
  if (clusterCA?.ok) return { known: true, value: clusterCA.certificates, source };
  const why = clusterCA ? clusterCA.message : 'certificate-authority-data is missing';
  return { known: false, why: sentences(`The ${source} shows no cluster CA: ${why}`) };
}

async function ofConfigMap(reading: Reading): Promise<Found | undefined> {
  return overAccess(reading, {
    noun: `${PUBLISHED} of namespace kube-system`,
    right: `get ${PUBLISHED} in namespace kube-system`,
    source: PUBLISHED,
    async read(connection, signal) {
      const reading = certificatesIn(await configMapText(connection, 'kube-root-ca.crt', 'ca.crt', signal));
      if (!reading.ok) throw new Error(`ca.crt cannot be used: ${reading.message}`);
      return reading.certificates;
    },
  });
}

function areSame(some: readonly X509Certificate[], others: readonly X509Certificate[]): boolean {
  const ids = (list: readonly X509Certificate[]) => [...new Set(list.map((one) => one.fingerprint256))].sort().join();
  return ids(some) === ids(others);
}
