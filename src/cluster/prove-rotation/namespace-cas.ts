import { certificatesIn } from '../../cluster-certificates/read/certificates.ts';
import { fingerprintOf } from '../../cluster-certificates/row.ts';
import type { Connection } from '../../kubernetes/client/connection.ts';
import { listCollection, type Collection } from '../../kubernetes/untrusted/collection.ts';
import { isDnsLabel, member, textAt } from '../../kubernetes/untrusted/untyped.ts';
import type { NamespaceCAs } from '../kinds/rotate-certificates/verification.ts';

export const ROOT_CA = 'kube-root-ca.crt';

/** Kubernetes supports 10,000 namespaces (github.com/kubernetes/community, thresholds). */
const MOST = 20_000;
/** Different texts that are read. All namespaces have the same one, or two while they change. */
const MOST_TEXTS = 100;

/**
 * The CAs in the ConfigMap kube-root-ca.crt of each namespace. The field selector lets RBAC limit the right to this name.
 * kubernetes.io/docs/reference/access-authn-authz/rbac, Referring to resources
 *
 * @throws Error with a fault, as the end of a sentence, and what `request` throws
 */
export async function namespaceCAs(
  connection: Pick<Connection, 'request'>,
  signal: AbortSignal,
): Promise<readonly NamespaceCAs[]> {
  const { objects } = await listCollection(connection, createCollection(), signal);
  if (objects.size === 0) throw new Error('no namespace has it');
  return [...objects.values()];
}

function createCollection(): Collection<NamespaceCAs> {
  const known = new Map<string, readonly string[]>();

  function casOf(text: string): readonly string[] {
    const before = known.get(text);
    if (before) return before;
    if (known.size >= MOST_TEXTS) throw new Error(`it has more than ${MOST_TEXTS} different texts`);
    const read = certificatesIn(text);
    const cas = read.ok ? read.certificates.map(fingerprintOf) : [];
    known.set(text, cas);
    return cas;
  }

  return {
    path: '/api/v1/configmaps',
    query: { fieldSelector: `metadata.name=${ROOT_CA}` },
    accept: 'application/json',
    noun: 'ConfigMaps',
    limit: MOST,
    reader: () =>
      function* (body) {
        const items = member(body, 'items') ?? [];
        if (!Array.isArray(items)) throw new Error('the response is not a list');
        for (const item of items as readonly unknown[]) {
          const metadata = member(item, 'metadata');
          const namespace = textAt(metadata, 'namespace') ?? '';
          if (textAt(metadata, 'name') !== ROOT_CA || !isDnsLabel(namespace))
            throw new Error('the response has something else than was requested');
          yield { name: namespace, value: { namespace, cas: casOf(textAt(member(item, 'data'), 'ca.crt') ?? '') } };
        }
      },
  };
}
