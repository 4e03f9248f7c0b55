import type { X509Certificate } from 'node:crypto';
import { sentences } from '../../api/sentences.ts';
import { textAt } from '../../kubernetes/untrusted/untyped.ts';
import type { Finding } from '../evidence.ts';
import { certificatesIn } from './certificates.ts';
import { configMapData } from './config-map.ts';
import { overAccess } from './over-access.ts';
import type { EvidenceReader } from './source.ts';

const NAME = 'extension-apiserver-authentication';
const SOURCE = `ConfigMap ${NAME}`;

/** The CAs that the API server publishes for aggregated API servers: that of clients, and that of its own front proxy. */
export const authenticationConfigMap: EvidenceReader = {
  members: ['clientCAs', 'frontProxyCA'],
  noun: `${SOURCE} of namespace kube-system`,
  async read(reading) {
    const found = await overAccess(reading, {
      noun: `${SOURCE} of namespace kube-system`,
      right: `get ${SOURCE} in namespace kube-system`,
      read: (connection, signal) => configMapData(connection, NAME, signal),
    });
    if (!found) return {};
    if (!found.known) return { clientCAs: found, frontProxyCA: found };
    return {
      clientCAs: bundleIn(found.value, 'client-ca-file'),
      frontProxyCA: bundleIn(found.value, 'requestheader-client-ca-file'),
    };
  },
};

function bundleIn(data: unknown, key: string): Finding<readonly X509Certificate[]> {
  const text = textAt(data, key);
  if (text === undefined) return { known: false, why: `${SOURCE} has no ${key}.` };
  const reading = certificatesIn(text);
  if (reading.ok) return { known: true, value: reading.certificates, source: SOURCE };
  return { known: false, why: sentences(`${key} of ${SOURCE} cannot be used: ${reading.message}`) };
}
