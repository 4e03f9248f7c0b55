import type { X509Certificate } from 'node:crypto';
import type { CertificateRotation } from '../../../src/api/generated/certificaterotations.ts';
import { API_VERSION, RECONCILE_REQUESTED_AT } from '../../../src/api/names.ts';
import type { ArmFailure } from '../../../src/azure/failures.ts';
import { createCertificateWatcher } from '../../../src/cluster/watch-certificates/watcher.ts';
import { DEFAULT_TIMING } from '../../../src/cluster/model/timing.ts';
import { idOf } from '../../../src/cluster/model/way.ts';
import { KubernetesError, type Connection } from '../../../src/kubernetes/client/connection.ts';
import { DAY, makeAuthority, type Authority } from '../../cluster-certificates/authority.ts';
import { at, CLUSTER_ID, START } from '../../harness/build.ts';
import { memoryRig, type MemoryRig } from '../../harness/memory-rig.ts';

export type Access = NonNullable<CertificateRotation['spec']['target']['nodeAccess']>;

/** Reconciles of one cluster whose own certificates are watched. ARM, its API server and the handshakes are in memory. */
export interface WatchRig extends MemoryRig {
  /** The authority that ARM's kubeconfig names, and the one that signed the certificate that the API server shows. */
  listed: Authority;
  leaf: X509Certificate;
  /** ARM's refusal to return a kubeconfig. */
  noKubeconfig: ArmFailure | undefined;
  noHandshake: boolean;
  noAccess: boolean;
  /** Times of the requests for a kubeconfig, and of the handshakes, in ms. */
  readonly listings: number[];
  readonly handshakes: number[];
  /** Ids of the ways over which a connection was requested. */
  readonly opened: string[];
  /** Adds an object, or edits it. */
  put(name: string, access?: Access, spec?: { readonly suspend?: boolean }): void;
  status(name: string): CertificateRotation['status'];
  /** Asks for a read of the object. */
  ask(name: string): void;
  remove(name: string): void;
  /** One reconcile. @returns the time until the next, in ms, where nothing else changes */
  next(): Promise<number>;
  /** Reconciles as planned until this time has gone by. @returns how many there were */
  forTime(ms: number): Promise<number>;
}

const keyOf = (name: string) => name.replace('/', '/certificaterotations/');

export async function createWatchRig(): Promise<WatchRig> {
  const listed = await makeAuthority(START - 100 * DAY);
  const leaf = await leafOf(listed);
  const inMemory = memoryRig({}, (rig) => ({
    followUps: [
      createCertificateWatcher({
        arm: {
          userKubeconfig: async () => {
            watch.listings.push(watch.now);
            if (watch.noKubeconfig) return { ok: false, failure: watch.noKubeconfig };
            return { ok: true, value: kubeconfigOf(watch.listed.certificate, watch.leaf) };
          },
        },
        access: {
          connectionFor: async (_, way) => {
            watch.opened.push(idOf(way));
            if (watch.noAccess) return { kind: 'Unreadable', message: 'the Secret is missing' };
            return { kind: 'Open', connection: apiServerOf(watch.listed.certificate) };
          },
        },
        handshake: async () => {
          watch.handshakes.push(watch.now);
          if (watch.noHandshake) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
          return watch.leaf;
        },
        now: () => rig.now,
        random: () => 0.5,
        timing: DEFAULT_TIMING,
      }),
    ],
  }));
  const watch: WatchRig = Object.assign(inMemory, {
    ...{ listed, leaf, noKubeconfig: undefined, noHandshake: false, noAccess: false },
    ...{ listings: [], handshakes: [], opened: [] },
    put(name: string, access?: Access, spec: { readonly suspend?: boolean } = {}) {
      const before = watch.others.get(keyOf(name));
      const generation = (before?.metadata.generation ?? 0) + 1;
      const target = { resourceId: CLUSTER_ID.resourceId, ...(access ? { nodeAccess: access } : {}) };
      const [namespace, short = ''] = name.split('/');
      watch.others.set(keyOf(name), {
        ...{ apiVersion: API_VERSION, kind: 'CertificateRotation' },
        metadata: {
          ...before?.metadata,
          ...{ namespace, name: short, uid: before?.metadata.uid ?? `uid-of-${name}`, generation },
          creationTimestamp: at(START),
        },
        spec: { target, ...spec },
        ...(before?.status ? { status: before.status } : {}),
      } as CertificateRotation);
    },
    status: (name: string) => watch.others.get(keyOf(name))?.status as CertificateRotation['status'],
    ask(name: string) {
      const object = watch.others.get(keyOf(name))!;
      const annotations = { [RECONCILE_REQUESTED_AT]: at(watch.now) };
      watch.others.set(keyOf(name), { ...object, metadata: { ...object.metadata, annotations } });
    },
    remove: (name: string) => void watch.others.delete(keyOf(name)),
    async next() {
      const { resting, afterMs } = await watch.pass();
      return resting ? (resting.untilMs ?? Infinity) : afterMs;
    },
    async forTime(ms: number) {
      const end = watch.now + ms;
      for (let passes = 0; ; passes++) {
        const after = await watch.next();
        if (watch.now + after > end) {
          watch.now = end;
          return passes + 1;
        }
        watch.now += after;
      }
    },
  });
  return watch;
}

/** A certificate for the API server. */
export function leafOf(authority: Authority): Promise<X509Certificate> {
  return authority.sign('CN=apiserver', { notBefore: START - DAY, notAfter: START + 600 * DAY });
}

function kubeconfigOf(ca: X509Certificate, client: X509Certificate): string {
  const base64 = (certificate: X509Certificate) => Buffer.from(certificate.toString()).toString('base64');
  return JSON.stringify({
    'current-context': 'aks',
    contexts: [{ name: 'aks', context: { cluster: 'aks', user: 'u' } }],
    clusters: [
      { name: 'aks', cluster: { server: 'https://prod-weu.example', 'certificate-authority-data': base64(ca) } },
    ],
    users: [{ name: 'u', user: { 'client-certificate-data': base64(client), 'client-key-data': 'SECRET' } }],
  });
}

/** Refuses nothing. It has no requests of kubelets. */
function apiServerOf(ca: X509Certificate): Connection {
  const pem = ca.toString();
  const data = { 'ca.crt': pem, 'client-ca-file': pem, 'requestheader-client-ca-file': pem };
  const request = async ({ path }: { readonly path: string }) => {
    switch (path) {
      case '/openid/v1/jwks':
        return { keys: [{ kid: 'a' }] };
      case '/api/v1/nodes':
        return { metadata: { resourceVersion: '1' }, columnDefinitions: [{ name: 'Status' }], rows: [] };
      case '/apis/certificates.k8s.io/v1/certificatesigningrequests':
        return { metadata: { resourceVersion: '1' }, items: [] };
      default:
        if (/^\/api\/v1\/namespaces\/kube-system\/configmaps\/./.test(path)) return { data };
        throw new KubernetesError(404, 'NotFound', `${path}: 404 NotFound: nothing there`, { hasStatus: true });
    }
  };
  return { server: 'https://prod-weu.example', request } as unknown as Connection;
}
