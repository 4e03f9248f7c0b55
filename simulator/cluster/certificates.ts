import { makePki, validityOf, type CertificatesSeed, type Pki, type PkiSettings } from '../certificates/cluster-pki.ts';
import { issueWithKey, makeAuthority, type Issued } from '../certificates/authority.ts';
import { rsaKeyPair } from '../certificates/key-pair.ts';
import type { ControlPlane, ControlPlaneFiles, StaticToken } from '../nodes/control-plane.ts';
import type { TargetAccess } from '../nodes/target-access.ts';

/** The certificates of a cluster. */
export interface ClusterCertificates {
  readonly settings: PkiSettings;
  /** Those that the control plane has. */
  now: Pki;
  /** Those that ARM hands out in kubeconfigs: it may be behind. */
  served: Pki;
  /** What clients see in place of the API server's certificate: that of a proxy that reads along. */
  intercepted: Issued | undefined;
  /** One for every cluster CA that there was, oldest first. */
  history: readonly Pki[];
}

/** What AKS' control planes call the account of kubeconfigs. */
const ACCOUNT = { user: 'masterclient', groups: ['system:masters'] };

/** The first certificates of a cluster. `now` in real milliseconds since 1970. */
export function makeCertificates(
  { certificates: seed = {} }: { readonly certificates?: CertificatesSeed },
  hosts: readonly string[],
  now: number,
): ClusterCertificates {
  const settings = { seed, hosts };
  const first = makePki(settings, seed.createdAt === undefined ? now : Date.parse(seed.createdAt));
  return { settings, now: first, served: first, intercepted: undefined, history: [first] };
}

/** Puts other certificates into effect for the control plane; kubeconfigs follow when `serveNow` is called. */
export function setPki(certificates: ClusterCertificates, pki: Pki): void {
  certificates.now = pki;
  const { history } = certificates;
  certificates.history = history.at(-1)?.generation === pki.generation ? history.with(-1, pki) : [...history, pki];
}

/** ARM hands out kubeconfigs of the present certificates from now on. */
export function serveNow(certificates: ClusterCertificates): void {
  certificates.served = certificates.now;
}

/** Whether the API server's certificate or its CA is past its end: AKS takes no change but a rotation then (Azure/AKS#3404). */
export function areExpired({ now }: ClusterCertificates, realNow: number): boolean {
  return realNow > Math.min(now.leafValidity.notAfter, now.caValidity.notAfter);
}

/** An account of a cluster as its kubeconfigs have it. */
export interface Account extends Issued {
  readonly caPem: string;
  readonly token: string;
}

/** The account of the kubeconfigs that ARM hands out. */
export async function servedAccount({ served }: ClusterCertificates): Promise<Account> {
  const [{ certPem: caPem }, client] = await Promise.all([served.authority(), served.client()]);
  return { caPem, ...client, token: served.token };
}

/** The simulator's own way to the API server, of the certificates of now: the same object until they are others. */
export function ownAccess(certificates: ClusterCertificates, server: () => string): () => Promise<TargetAccess> {
  let of: Pki | undefined;
  let access: TargetAccess = { server: '', caPem: '', certPem: '', keyPem: '' };
  return async () => {
    const { now } = certificates;
    const [{ certPem: caPem }, client] = await Promise.all([now.authority(), now.client()]);
    // Before the first start it has no address.
    if (of !== now || access.server !== server()) {
      of = now;
      access = { server: server(), caPem, ...client };
    }
    return access;
  };
}

/** Starts an API server of the cluster with the certificates of now. */
export async function install(
  certificates: ClusterCertificates,
  controlPlane: ControlPlane,
  replica: number,
): Promise<void> {
  const files = await filesOf(certificates.now);
  const { intercepted } = certificates;
  const seen = intercepted && { servingCertPem: intercepted.certPem, servingKeyPem: intercepted.keyPem };
  await controlPlane.install({ ...files, ...seen }, replica);
}

/** From now on clients see a certificate of another authority, as behind a proxy that inspects TLS; or no longer. `now` in real milliseconds. */
export async function intercept(
  certificates: ClusterCertificates,
  controlPlane: ControlPlane,
  on: boolean,
  now: number,
): Promise<void> {
  certificates.intercepted = on ? await ofAnotherAuthority(certificates.settings.hosts, now) : undefined;
  for (let replica = 0; replica < (controlPlane.replicas ?? 1); replica++) {
    await install(certificates, controlPlane, replica);
  }
}

async function ofAnotherAuthority(hosts: readonly string[], now: number): Promise<Issued> {
  const validity = validityOf(now, 365);
  const authority = await makeAuthority({
    commonName: 'TLS inspection',
    validity,
    keyIdentifiers: true,
    makeKeys: rsaKeyPair,
  });
  return issueWithKey(authority, rsaKeyPair, { subject: [{ CN: ['apiserver'] }], usage: 'server', hosts, validity });
}

async function filesOf(pki: Pki): Promise<ControlPlaneFiles> {
  const [authority, frontProxy, serving, proxyClient, serviceAccountKeyPem] = await Promise.all([
    pki.authority(),
    pki.frontProxy(),
    pki.serving(),
    pki.frontProxyClient(),
    pki.signingKey(),
  ]);
  const token: StaticToken = { token: pki.token, ...ACCOUNT };
  return {
    clusterCaPem: authority.certPem,
    servingCertPem: serving.certPem,
    servingKeyPem: serving.keyPem,
    frontProxyCaPem: frontProxy.certPem,
    frontProxyCertPem: proxyClient.certPem,
    frontProxyKeyPem: proxyClient.keyPem,
    serviceAccountKeyPem,
    tokens: [token],
  };
}
