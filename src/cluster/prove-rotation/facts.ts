import { apiPath } from '../../api/paths.ts';
import { fingerprintOf } from '../../cluster-certificates/row.ts';
import { certificatesIn } from '../../cluster-certificates/read/certificates.ts';
import { configMapText } from '../../cluster-certificates/read/config-map.ts';
import { overAccess } from '../../cluster-certificates/read/over-access.ts';
import type { Access } from '../../cluster-certificates/read/source.ts';
import { listAt, member, textAt } from '../../kubernetes/untrusted/untyped.ts';
import { unlessAborted } from '../../waiting/unless-aborted.ts';
import { startDeadline } from '../../waiting/deadline.ts';
import type { Fact } from '../kinds/rotate-certificates/verification.ts';

/** What the API server shows of its CAs and its APIServices. */
export interface ClusterFacts {
  readonly clientCAs: Fact<readonly string[]>;
  readonly rootCAs: Fact<readonly string[]>;
  /** Names of the APIServices that are available. */
  readonly available: Fact<readonly string[]>;
}

/** The longest time that reading may take, in ms. */
const LONGEST_READ = 15_000;
/** A cluster has some dozens. */
const MOST_API_SERVICES = 1000;

/** Reads them over the access of an object. Rejects only when the signal aborts. */
export async function readFacts(access: Access, caller: AbortSignal): Promise<ClusterFacts> {
  const deadline = startDeadline(LONGEST_READ, caller);
  try {
    const { signal } = deadline;
    const reading = { sources: { access }, signal };
    const authentication = 'extension-apiserver-authentication';
    const [clientCAs, rootCAs, available] = await unlessAborted(
      Promise.all([
        bundle(reading, authentication, 'client-ca-file'),
        bundle(reading, 'kube-root-ca.crt', 'ca.crt'),
        apiServices(reading),
      ]),
      signal,
    );
    return { clientCAs, rootCAs, available };
  } catch (error) {
    caller.throwIfAborted();
    if (!deadline.expired()) throw error;
    const late: Fact<never> = { known: false, why: `The API server did not answer within ${LONGEST_READ / 1000} s.` };
    return { clientCAs: late, rootCAs: late, available: late };
  } finally {
    deadline.release();
  }
}

type Reading = Parameters<typeof overAccess>[0];

/** SHA-256 of each certificate under the key of a ConfigMap of kube-system. */
async function bundle(reading: Reading, name: string, key: string): Promise<Fact<readonly string[]>> {
  const found = await overAccess(reading, {
    noun: `ConfigMap ${name} of namespace kube-system`,
    right: `get ConfigMap ${name} in namespace kube-system`,
    async read(connection, signal) {
      const certificates = certificatesIn(await configMapText(connection, name, key, signal));
      if (!certificates.ok) throw new Error(`it has no usable ${key}`);
      return certificates.certificates.map(fingerprintOf);
    },
  });
  return found ?? NO_ACCESS;
}

async function apiServices(reading: Reading): Promise<Fact<readonly string[]>> {
  const found = await overAccess(reading, {
    noun: 'the APIServices',
    right: 'list apiservices of apiregistration.k8s.io',
    async read(connection, signal) {
      const path = apiPath('/apis/apiregistration.k8s.io/v1', 'apiservices');
      const answer = await connection.request({ path, query: { limit: String(MOST_API_SERVICES) }, signal });
      const items = listAt(answer, 'items');
      return items.filter(isAvailable).flatMap((item) => textAt(member(item, 'metadata'), 'name')?.slice(0, 253) ?? []);
    },
  });
  return found ?? NO_ACCESS;
}

function isAvailable(item: unknown): boolean {
  return listAt(member(item, 'status'), 'conditions').some(
    (condition) => textAt(condition, 'type') === 'Available' && textAt(condition, 'status') === 'True',
  );
}

const NO_ACCESS: Fact<never> = { known: false, why: 'spec.target.nodeAccess is absent.' };
