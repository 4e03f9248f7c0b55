import { apiPath } from '../../api/paths.ts';
import { fingerprintOf } from '../../cluster-certificates/row.ts';
import { certificatesIn } from '../../cluster-certificates/read/certificates.ts';
import { configMapText } from '../../cluster-certificates/read/config-map.ts';
import { overAccess } from '../../cluster-certificates/read/over-access.ts';
import type { Access } from '../../cluster-certificates/read/source.ts';
import { listAt, member, textAt } from '../../kubernetes/untrusted/untyped.ts';
import { unlessAborted } from '../../waiting/unless-aborted.ts';
import { startDeadline } from '../../waiting/deadline.ts';
import type { Fact, IncompleteWorkload, NamespaceCAs } from '../kinds/rotate-certificates/verification.ts';
import { namespaceCAs, ROOT_CA } from './namespace-cas.ts';
import { incompleteWorkloads } from './workloads.ts';

/** What the API server shows of its CAs, its APIServices, and what runs in the cluster. */
export interface ClusterFacts {
  readonly clientCAs: Fact<readonly string[]>;
  readonly rootCAs: Fact<readonly string[]>;
  /** Names of the APIServices that are available. */
  readonly available: Fact<readonly string[]>;
  /** The CAs that pods of each namespace get. */
  readonly namespaceCAs: Fact<readonly NamespaceCAs[]>;
  /** The workloads of which not all pods are available. */
  readonly incomplete: Fact<readonly IncompleteWorkload[]>;
}

/** The longest time that reading may take, in ms. */
const LONGEST_READ = 15_000;
/** A cluster has some dozens. */
const MOST_API_SERVICES = 1000;

/** Reads them over the access of an object. Rejects only when the signal aborts. */
export async function readFacts(access: Access, caller: AbortSignal): Promise<ClusterFacts> {
  const deadline = startDeadline(LONGEST_READ, caller);
  try {
    const reading = { sources: { access }, signal: deadline.signal };
    const inTime = async <T>(part: Promise<Fact<T>>): Promise<Fact<T>> => {
      try {
        return await unlessAborted(part, deadline.signal);
      } catch (error) {
        caller.throwIfAborted();
        if (!deadline.expired()) throw error;
        return { known: false, why: `The API server did not answer within ${LONGEST_READ / 1000} s.` };
      }
    };
    const [clientCAs, rootCAs, available, inNamespaces, incomplete] = await Promise.all([
      inTime(bundle(reading, 'extension-apiserver-authentication', 'client-ca-file')),
      inTime(bundle(reading, ROOT_CA, 'ca.crt')),
      inTime(apiServices(reading)),
      inTime(rootCAsOfNamespaces(reading)),
      inTime(workloads(reading)),
    ]);
    return { clientCAs, rootCAs, available, namespaceCAs: inNamespaces, incomplete };
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

async function rootCAsOfNamespaces(reading: Reading): Promise<Fact<readonly NamespaceCAs[]>> {
  const found = await overAccess(reading, {
    noun: `ConfigMap ${ROOT_CA} of all namespaces`,
    right: `list ConfigMaps with the name ${ROOT_CA} in all namespaces`,
    read: namespaceCAs,
  });
  return found ?? NO_ACCESS;
}

async function workloads(reading: Reading): Promise<Fact<readonly IncompleteWorkload[]>> {
  const found = await overAccess(reading, {
    noun: 'the Deployments, StatefulSets and DaemonSets',
    right: 'list deployments, statefulsets and daemonsets of apps',
    read: incompleteWorkloads,
  });
  return found ?? NO_ACCESS;
}

function isAvailable(item: unknown): boolean {
  return listAt(member(item, 'status'), 'conditions').some(
    (condition) => textAt(condition, 'type') === 'Available' && textAt(condition, 'status') === 'True',
  );
}

const NO_ACCESS: Fact<never> = { known: false, why: 'spec.target.nodeAccess is absent.' };
