import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { stringify } from 'yaml';
import type { Run } from './run.ts';

/** A certificate authority of Mozilla's list, as Node.js ships it. */
export interface Authority {
  readonly commonName: string;
  readonly pem: string;
  /** SHA-256 of the DER bytes, lower-case hex. */
  readonly fingerprint: string;
}

/** Where the trust object is, and what its cluster is. */
export interface Subject {
  readonly namespace: string;
  readonly name: string;
  readonly resourceId: string;
  /** Secret with the kubeconfig that shows the cluster's nodes, under the key `value`. */
  readonly kubeconfigSecret: string;
  readonly settleSeconds: number;
}

/** The applied files, relative to the checkout. */
export interface Manifests {
  readonly authorities: readonly Authority[];
  readonly three: string;
  readonly sameThree: string;
  readonly two: string;
  /** A CertificateRotation of the same cluster. */
  readonly certificates: string;
  /** The authority that `two` leaves out. */
  readonly removed: Authority;
}

const NAMES = ['ISRG Root X1', 'DigiCert Global Root G2', 'GTS Root R4'];

export function writeManifests(run: Run, subject: Subject): Manifests {
  const authorities = NAMES.map(find);
  const [first, removed, last] = authorities;
  if (first === undefined || removed === undefined || last === undefined)
    throw new Error('three names, three certificates');
  const writeObject = (file: string, why: string, object: object) => {
    writeFileSync(join(run.folder, file), `# ${why}\n${stringify(object, { lineWidth: 0 })}`);
    return join('.demo', file);
  };
  const write = (file: string, why: string, list: readonly Authority[]) => writeObject(file, why, trust(subject, list));
  return {
    authorities,
    removed,
    three: write(
      '1-three-certificates.yaml',
      'Three certificate authorities that every Linux node shall trust.',
      authorities,
    ),
    sameThree: write(
      '2-the-same-again.yaml',
      'The same three certificates: in another order, with CRLF line ends and a comment before each.',
      [last, first, removed].map(asWindowsEditorsLeaveIt),
    ),
    two: write('3-one-taken-out.yaml', `As 1, without ${removed.commonName}.`, [first, last]),
    certificates: writeObject(
      '4-certificates.yaml',
      'The certificates that the cluster has for itself.',
      rotation(subject),
    ),
  };
}

export function fingerprintOf(pem: string): string {
  return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
}

function trust({ namespace, name, resourceId, kubeconfigSecret, settleSeconds }: Subject, list: readonly Authority[]) {
  return {
    apiVersion: 'aks-ca-trust.dev/v1alpha1',
    kind: 'CustomCATrust',
    metadata: { name, namespace },
    spec: {
      target: { resourceId, nodeAccess: { kubeconfigSecretRef: { name: kubeconfigSecret, key: 'value' } } },
      deletionPolicy: 'Remove',
      settleSeconds,
      certificates: list.map(({ commonName, pem }) => ({ name: entryName(commonName), pem })),
    },
  };
}

function rotation({ namespace, name, resourceId, kubeconfigSecret }: Subject) {
  const nodeAccess = { kubeconfigSecretRef: { name: kubeconfigSecret, key: 'value' } };
  return {
    apiVersion: 'aks-ca-trust.dev/v1alpha1',
    kind: 'CertificateRotation',
    metadata: { name, namespace },
    spec: { target: { resourceId, nodeAccess } },
  };
}

function asWindowsEditorsLeaveIt({ commonName, pem, fingerprint }: Authority): Authority {
  return { commonName, fingerprint, pem: `# ${commonName}\n${pem}`.replaceAll('\n', '\r\n') };
}

function entryName(commonName: string): string {
  return commonName.toLowerCase().replaceAll(' ', '-');
}

function find(commonName: string): Authority {
  const pem = rootCertificates.find((text) =>
    new X509Certificate(text).subject.split('\n').includes(`CN=${commonName}`),
  );
  if (pem === undefined) throw new Error(`Node.js ${process.version} ships no certificate "${commonName}"`);
  return { commonName, pem: `${pem.trimEnd()}\n`, fingerprint: fingerprintOf(pem) };
}
