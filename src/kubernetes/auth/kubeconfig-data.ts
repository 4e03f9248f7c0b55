import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { Credentials } from './types.ts';
import { findContext, type NamedContext } from './kubeconfig-context.ts';
import { keyProblem, KEYS_TAKEN } from './key-strength.ts';
import { type Mapping, readYaml } from './kubeconfig-yaml.ts';
import { withoutTrailingSlashes } from '../trailing-slashes.ts';

export type KubeconfigResult =
  | { readonly ok: true; readonly credentials: Credentials }
  /** The fault and its fix, for people. Quotes only names of fields from the file. */
  | { readonly ok: false; readonly message: string };

/**
 * Reads a kubeconfig from a Secret. Tenants write it, so it is only data: it must not make the controller run a program, read a
 * local file, connect through a proxy or skip a check. Only the cluster and the user of the current context are read. Of those,
 * only the fields named here are used; every other field that has an effect is refused by name.
 */
export function readKubeconfigData(text: string): KubeconfigResult {
  try {
    return { ok: true, credentials: read(text) };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, message: error.message };
    throw error;
  }
}

/** Carries the message out of nested calls; never leaves this file. */
class Refusal extends Error {}

const INLINE = 'kubectl config view --flatten --minify --raw writes one with everything inline';
const STATIC = 'use a token or client-certificate-data with client-key-data';

/** Each refused field with its fix. Names are those of client-go's clientcmd/api/v1 Cluster and AuthInfo. */
const REFUSED_OF_CLUSTER: Readonly<Record<string, string>> = {
  'certificate-authority': `it names a file: use certificate-authority-data (${INLINE})`,
  'insecure-skip-tls-verify': 'the server must be checked: use certificate-authority-data',
  'proxy-url': 'the server must be reachable without a proxy: remove it',
};
const REFUSED_OF_USER: Readonly<Record<string, string>> = {
  exec: `it would run a program (such as kubelogin): ${STATIC}`,
  'auth-provider': `it would run a plugin: ${STATIC}`,
  'client-certificate': `it names a file: use client-certificate-data (${INLINE})`,
  'client-key': `it names a file: use client-key-data (${INLINE})`,
  tokenFile: 'it names a file: use token',
  username: `basic authentication is not supported: ${STATIC}`,
  password: `basic authentication is not supported: ${STATIC}`,
  as: 'impersonation is not supported: use credentials of the identity itself',
  'as-uid': 'impersonation is not supported: use credentials of the identity itself',
  'as-groups': 'impersonation is not supported: use credentials of the identity itself',
  'as-user-extra': 'impersonation is not supported: use credentials of the identity itself',
};

function read(text: string): Credentials {
  const yaml = readYaml(text);
  if (!yaml.ok) throw new Refusal(yaml.message);
  const config = yaml.value;
  const current = textOf(config, 'current-context', 'current-context');
  if (current === undefined) throw new Refusal('current-context is missing: set it to the context to use');
  const found = findContext([config]);
  const context = present(config, 'context', current, found, 'current-context');
  const cluster = present(config, 'cluster', textOf(context, 'cluster', 'the context'), found, 'the context');
  const user = present(config, 'user', textOf(context, 'user', 'the context'), found, 'the context');
  refuse(cluster, 'cluster', REFUSED_OF_CLUSTER);
  refuse(user, 'user', REFUSED_OF_USER);

  const caPem = pemOf(cluster, 'certificate-authority-data', certificatesIn);
  const certPem = pemOf(user, 'client-certificate-data', certificatesIn);
  const keyPem = pemOf(user, 'client-key-data', privateKeyIn);
  const token = tokenOf(user);
  const tlsServerName = textOf(cluster, 'tls-server-name', 'the cluster');
  if (tlsServerName !== undefined && !/^[\w.:-]{1,253}$/.test(tlsServerName))
    throw new Refusal("the cluster's tls-server-name is refused: it must be the name of a host");
  if (certPem !== undefined && keyPem === undefined) throw new Refusal('client-certificate-data needs client-key-data');
  if (keyPem !== undefined && certPem === undefined) throw new Refusal('client-key-data needs client-certificate-data');
  if (certPem === undefined && token === undefined) throw new Refusal(`the user has no credentials: ${STATIC}`);
  if (certPem !== undefined && keyPem !== undefined) checkPair(certPem, keyPem);
  return {
    server: serverOf(cluster),
    ...(caPem === undefined ? {} : { caPem }),
    ...(certPem === undefined ? {} : { certPem }),
    ...(keyPem === undefined ? {} : { keyPem }),
    ...(token === undefined ? {} : { token }),
    ...(tlsServerName === undefined ? {} : { tlsServerName }),
  };
}

function present(
  config: Mapping,
  kind: 'context' | 'cluster' | 'user',
  name: string | undefined,
  { [kind]: value }: NamedContext,
  by: string,
): Mapping {
  if (name === undefined) throw new Refusal(`${by} names no ${kind}`);
  if (!Array.isArray(config[`${kind}s`])) throw new Refusal(`${kind}s is missing: is this a kubeconfig? (${INLINE})`);
  if (value === undefined) throw new Refusal(`${kind}s has no entry of the name that ${by} gives`);
  return value;
}

function refuse(fields: Mapping, what: string, refused: Readonly<Record<string, string>>): void {
  for (const [name, fix] of Object.entries(refused)) {
    const value = fields[name];
    // An empty field has no effect: `kubectl config view` writes empty fields.
    if (value === undefined || value === null || value === false || value === '') continue;
    throw new Refusal(`the ${what}'s ${name} is refused: ${fix}`);
  }
}

/** Far longer than a host name of 253 characters with a path of a gateway. */
const LONGEST_SERVER = 2048;

function serverOf(cluster: Mapping): string {
  const server = textOf(cluster, 'server', 'the cluster');
  if (server === undefined) throw new Refusal("the cluster's server is missing: set the URL of its API server");
  if (server.length > LONGEST_SERVER)
    throw new Refusal(`the cluster's server is refused: it is longer than ${LONGEST_SERVER} characters`);
  const url = URL.parse(server);
  if (url === null || url.protocol !== 'https:') {
    throw new Refusal("the cluster's server is refused: it must be a URL that begins with https://");
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new Refusal("the cluster's server is refused: it must consist of host, port and path only");
  }
  return withoutTrailingSlashes(url.href);
}

function tokenOf(user: Mapping): string | undefined {
  const token = textOf(user, 'token', 'the user')?.trim();
  if (token === undefined || token === '') return undefined;
  // A line feed would end the header and begin another.
  if (!/^[\x21-\x7e]+$/.test(token)) throw new Refusal("the user's token has characters that are not allowed");
  return token;
}

/** The blocks of the PEM text, without any other text beside them. */
function pemOf(
  fields: Mapping,
  name: string,
  read: (name: string, pem: string) => string | undefined,
): string | undefined {
  const encoded = textOf(fields, name, name)?.replace(/\s+/g, '');
  if (encoded === undefined || encoded === '') return undefined;
  const text = /^[A-Za-z0-9+/]+={0,2}$/.test(encoded) ? Buffer.from(encoded, 'base64').toString('utf8') : '';
  if (!text.includes('-----BEGIN ')) throw new Refusal(`${name} is not base64 of PEM text: encode it once (${INLINE})`);
  const pem = read(name, text);
  if (pem === undefined) throw new Refusal(`${name} cannot be read, or is encrypted: ${INLINE}`);
  return pem;
}

/** A bundle is read again for each connection. */
const MOST_CERTIFICATES = 64;
const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
const PRIVATE_KEY = /-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----[^-]*-----END \1-----/;

/** Reads each certificate of the bundle: otherwise one invalid certificate would only show when a connection is made. */
function certificatesIn(name: string, text: string): string | undefined {
  const blocks = text.match(CERTIFICATES) ?? [];
  if (blocks.length === 0) return undefined;
  if (blocks.length > MOST_CERTIFICATES)
    throw new Refusal(`${name} has more than ${MOST_CERTIFICATES} certificates: keep those that are needed`);
  for (const block of blocks) {
    const key = attempt(() => new X509Certificate(block).publicKey);
    if (key === undefined) return undefined;
    refuseKey(`the key of a certificate in ${name}`, key);
  }
  return only(text, blocks);
}

function privateKeyIn(name: string, text: string): string | undefined {
  const [block] = PRIVATE_KEY.exec(text) ?? [];
  const key = block === undefined ? undefined : attempt(() => createPrivateKey(block));
  if (block === undefined || key === undefined) return undefined;
  refuseKey(name, key);
  return only(text, [block]);
}

/** The text if it has only these blocks: OpenSSL would read blocks of other names, which were not checked. */
function only(text: string, blocks: readonly string[]): string {
  const rest = blocks.reduce((left, block) => left.replace(block, ''), text);
  return rest.trim() === '' ? text : blocks.map((block) => `${block}\n`).join('');
}

function refuseKey(what: string, key: KeyObject): void {
  const problem = keyProblem(key);
  if (problem !== undefined) throw new Refusal(`${what} is refused: ${problem}; ${KEYS_TAKEN}`);
}

function checkPair(certPem: string, keyPem: string): void {
  if (new X509Certificate(certPem).checkPrivateKey(createPrivateKey(keyPem))) return;
  throw new Refusal('client-key-data is not the key of client-certificate-data');
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function textOf(fields: Mapping, name: string, where: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new Refusal(`${name} of ${where} is not text: put it in quotes`);
  return value === '' ? undefined : value;
}
