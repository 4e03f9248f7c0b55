import { sentences } from '../../api/sentences.ts';
import type { EvidenceReader } from './source.ts';

/** The client certificate of the kubeconfig. */
export const kubeconfigClient: EvidenceReader = {
  members: ['kubeconfigClient'],
  noun: 'The client certificate of the kubeconfig',
  ms: 15_000,
  async read({ kubeconfig }) {
    const found = await kubeconfig();
    if (!found) return {};
    if (!found.known) return { kubeconfigClient: found };
    const { source, value } = found;
    const { client } = value;
    if (client && !client.ok) {
      const why = sentences(`The client certificate in the ${source} cannot be read: ${client.message}`);
      return { kubeconfigClient: { known: false, why } };
    }
    return { kubeconfigClient: { known: true, value: client?.certificate, source } };
  },
};
