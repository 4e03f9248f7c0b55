import type { X509Certificate } from 'node:crypto';
import { findContext, textIn } from '../../kubernetes/auth/kubeconfig-context.ts';
import { readYaml, type Mapping } from '../../kubernetes/auth/kubeconfig-yaml.ts';
import { certificatesIn, type CertificatesResult } from './certificates.ts';

/** What a kubeconfig shows without its secrets. */
export interface KubeconfigFacts {
  /** URL of the API server; undefined where it is missing or does not begin with https://. */
  readonly server?: string;
  /** The name to ask the server for, where it is not the one in the URL. */
  readonly tlsServerName?: string;
  /** The certificates of `certificate-authority-data`; undefined where there is none. */
  readonly clusterCA?: CertificatesResult;
  /** The first certificate of `client-certificate-data`, or why it cannot be read; undefined where there is none. */
  readonly client?:
    { readonly ok: true; readonly certificate: X509Certificate } | { readonly ok: false; readonly message: string };
}

export type KubeconfigReading =
  | { readonly ok: true; readonly facts: KubeconfigFacts }
  /** The fault, as the end of a sentence. It quotes nothing of the text. */
  | { readonly ok: false; readonly message: string };

/** Characters of a server that is shown and connected to. */
const LONGEST_SERVER = 2048;
const SERVER_NAME = /^[\w.:-]{1,253}$/;

/**
 * Reads the current context of a kubeconfig from ARM, or of one that a person gave. It is only read, never connected with, so that a
 * part that a connection would refuse is no fault of the others.
 */
export function readKubeconfigFacts(text: string): KubeconfigReading {
  const yaml = readYaml(text);
  if (!yaml.ok) return yaml;
  const { cluster, user, name } = findContext([yaml.value]);
  if (name === undefined) return { ok: false, message: 'current-context is missing' };
  if (!cluster || !user) return { ok: false, message: 'its current context has no cluster, or no user' };
  return { ok: true, facts: factsOf(cluster, user) };
}

/** The facts of a context, whose file paths and programs are left alone. */
export function factsOf(cluster: Mapping, user: Mapping): KubeconfigFacts {
  const server = serverOf(cluster);
  const tlsServerName = textIn(cluster['tls-server-name']);
  const clusterCA = partOf(cluster, 'certificate-authority');
  const client = partOf(user, 'client-certificate');
  const [certificate] = client?.ok ? client.certificates : [];
  return {
    ...(server === undefined ? {} : { server }),
    ...(tlsServerName !== undefined && SERVER_NAME.test(tlsServerName) ? { tlsServerName } : {}),
    ...(clusterCA ? { clusterCA } : {}),
    ...(client && !client.ok ? { client } : {}),
    ...(certificate ? { client: { ok: true, certificate } } : {}),
  };
}

/**
 * The same kubeconfig without tokens, keys and passwords: what may be kept in memory for long. Undefined for a text that
 * {@link readKubeconfigFacts} cannot read.
 */
export function withoutSecrets(text: string): string | undefined {
  const yaml = readYaml(text);
  const { cluster, user, name } = findContext(yaml.ok ? [yaml.value] : []);
  if (name === undefined || !cluster || !user) return undefined;
  const kept = (fields: Mapping, names: readonly string[]) =>
    Object.fromEntries(names.flatMap((one) => (textIn(fields[one]) === undefined ? [] : [[one, fields[one]]])));
  return JSON.stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [
      { name: 'c', cluster: kept(cluster, ['server', 'tls-server-name', ...fieldsOf('certificate-authority')]) },
    ],
    users: [{ name: 'u', user: kept(user, fieldsOf('client-certificate')) }],
  });
}

function serverOf(cluster: Mapping): string | undefined {
  const server = textIn(cluster['server']);
  if (server === undefined || server.length > LONGEST_SERVER) return undefined;
  const url = URL.parse(server);
  return url?.protocol === 'https:' && url.username === '' && url.password === '' ? url.href : undefined;
}

function fieldsOf(name: string): readonly [inline: string, path: string] {
  return [`${name}-data`, name];
}

/** The certificates that a field has inline; undefined where there is none. */
function partOf(fields: Mapping, name: string): CertificatesResult | undefined {
  const [inline, path] = fieldsOf(name);
  const encoded = textIn(fields[inline]);
  if (encoded !== undefined) {
    const reading = certificatesIn(Buffer.from(encoded, 'base64').toString('utf8'));
    return reading.ok ? reading : { ok: false, message: `${inline} cannot be used: ${reading.message}` };
  }
  if (textIn(fields[path]) === undefined) return undefined;
  return { ok: false, message: `${path} names a file, and only ${inline} is read` };
}
