import { randomBytes } from 'node:crypto';
import { issueWithKey, makeAuthority, type Authority, type Issued, type Validity } from './authority.ts';
import { rsaKeyPair, sharedKeyPair, type KeyPair } from './key-pair.ts';

/**
 * How the certificates of a cluster are made. Defaults as public clusters show them (Azure/AKS#2347, azure-docs#75678): 30 years of
 * 365 days for the CA, two years for what it signs, and a CA that begins ten minutes before it was made.
 */
export interface CertificatesSeed {
  /** When the first CA and its certificates were made, ISO 8601 in real time. Default: when the cluster is put in. */
  readonly createdAt?: string;
  /** Default 10950. Clusters of before May 2019 have 730. */
  readonly caDays?: number;
  /** Days of the API server's certificate and of the kubeconfigs' client certificate. Default 730. */
  readonly leafDays?: number;
  /** Days of the client certificates of kubelets. Default 365: AKS does not document them. */
  readonly kubeletDays?: number;
  /** When the kubelets of the first machines got their certificates, ISO 8601 in real time. Default: when they join. */
  readonly kubeletsSince?: string;
  /** Whether keys are a few that all clusters share, a rotation's other ones than those before it: for fleets. Default false. */
  readonly sharedKeys?: boolean;
  /** Who asks for the certificate of a machine that joins. Default `bootstrapToken`; `aksService` is secure TLS bootstrapping (Azure/AKS#5694). */
  readonly joinsWith?: 'bootstrapToken' | 'aksService';
  /** Whether certificates name the key that signed them. Default false: clients then cannot distinguish two CAs of one name by it. */
  readonly keyIdentifiers?: boolean;
  /**
   * Whether the front proxy has a CA of its own (default) or the cluster CA (learn.microsoft.com/azure/aks/certificate-rotation). AKS names
   * no allowed client (kubevirt/containerized-data-importer#1300), which kube-apiserver no longer takes with the cluster CA.
   */
  readonly frontProxy?: 'own' | 'cluster';
}

/** What a control plane is set up with: the certificates of one time. They are made when they are asked for first. */
export interface Pki {
  /** Counts the cluster CAs from 0. */
  readonly generation: number;
  /** When the cluster CA was made, in real milliseconds since 1970. */
  readonly madeAt: number;
  readonly caValidity: Validity;
  readonly leafValidity: Validity;
  readonly authority: () => Promise<Authority>;
  readonly frontProxy: () => Promise<Authority>;
  /** Signs the API server's requests to aggregated API servers. */
  readonly frontProxyClient: () => Promise<Issued>;
  readonly serving: () => Promise<Issued>;
  /** The client certificate of the kubeconfigs that ARM hands out: `CN=masterclient, O=system:masters`. */
  readonly client: () => Promise<Issued>;
  /** The static token that stands beside it. */
  readonly token: string;
  /** PEM of the private key that signs service account tokens. */
  readonly signingKey: () => Promise<string>;
}

export interface PkiSettings {
  readonly seed: CertificatesSeed;
  /** Names and addresses of the API server. */
  readonly hosts: readonly string[];
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const BACKDATED = 10 * MINUTE;

/** Days in which a kubelet's client certificate is valid. */
export function kubeletDays({ kubeletDays = 365 }: CertificatesSeed): number {
  return kubeletDays;
}

/** Valid from ten minutes before `now` on, until so many days after it. */
export function validityOf(now: number, days: number): Validity {
  return { notBefore: now - BACKDATED, notAfter: now + days * DAY };
}

/** The first certificates of a cluster, or after a rotation the next ones: everything is another. `now` in real milliseconds. */
export function makePki(settings: PkiSettings, now: number, before?: Pki, keepSigningKey = false): Pki {
  const { caDays = 10_950, keyIdentifiers = false, frontProxy: whose = 'own' } = settings.seed;
  const caValidity = validityOf(now, caDays);
  const generation = (before?.generation ?? -1) + 1;
  const makeKeys = keysOf(settings.seed, generation, 'authority');
  const make = (commonName: string) =>
    once(() => makeAuthority({ commonName, validity: caValidity, keyIdentifiers, makeKeys }));
  const authority = make('ca');
  const frontProxy = whose === 'cluster' ? authority : make('front-proxy-ca');
  const signingKey = once(async () => (await rsaKeyPair()).keyPem);
  return {
    generation,
    madeAt: now,
    caValidity,
    authority,
    frontProxy,
    ...leaves(settings, now, { generation, authority, frontProxy }),
    token: newToken(),
    signingKey: keepSigningKey && before !== undefined ? before.signingKey : signingKey,
  };
}

/** The certificates that the cluster CA signs are made anew; the CA stays. */
export function withNewLeaves(settings: PkiSettings, now: number, pki: Pki): Pki {
  return { ...pki, ...leaves(settings, now, pki) };
}

export function withNewToken(pki: Pki): Pki {
  return { ...pki, token: newToken() };
}

export function withNewSigningKey(pki: Pki): Pki {
  return { ...pki, signingKey: once(async () => (await rsaKeyPair()).keyPem) };
}

function leaves(
  { seed, hosts }: PkiSettings,
  now: number,
  { generation, authority, frontProxy }: Pick<Pki, 'generation' | 'authority' | 'frontProxy'>,
): Pick<Pki, 'leafValidity' | 'serving' | 'client' | 'frontProxyClient'> {
  const validity = validityOf(now, seed.leafDays ?? 730);
  const makeKeys = keysOf(seed, generation, 'leaf');
  const signed = (
    by: () => Promise<Authority>,
    subject: Parameters<Authority['issue']>[0]['subject'],
    server: boolean,
  ) =>
    once(async () =>
      issueWithKey(await by(), makeKeys, {
        subject,
        usage: server ? 'server' : 'client',
        validity,
        ...(server ? { hosts } : {}),
      }),
    );
  return {
    leafValidity: validity,
    serving: signed(authority, [{ CN: ['apiserver'] }], true),
    client: signed(authority, [{ O: ['system:masters'] }, { CN: ['masterclient'] }], false),
    frontProxyClient: signed(frontProxy, [{ CN: ['front-proxy-client'] }], false),
  };
}

/** Keys of one generation of a cluster's certificates. */
function keysOf(
  { sharedKeys = false }: CertificatesSeed,
  generation: number,
  of: 'authority' | 'leaf',
): () => Promise<KeyPair> {
  return sharedKeys ? () => sharedKeyPair(2 * generation + (of === 'leaf' ? 1 : 0)) : rsaKeyPair;
}

function newToken(): string {
  return randomBytes(64).toString('hex');
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
