import { X509Certificate } from 'node:crypto';

/** A registry whose certificate is trusted only with its authority. */
export interface RegistrySeed {
  /** Host, with its port where it is not 443: `images.example.com.example`. */
  readonly host: string;
  /** The certificate authority that signed its certificate, as PEM. */
  readonly certificateAuthority: string;
}

/**
 * Why containerd cannot pull an image from a registry of one's own, in its words; undefined when it can.
 * @param trusted SHA-256 fingerprints of what the node trusts besides the public authorities, in lower-case hex
 */
export function pullRefusal(
  image: string,
  registries: readonly RegistrySeed[],
  trusted: readonly string[],
): string | undefined {
  const [host = '', ...path] = image.split('/');
  const registry = registries.find((one) => one.host.toLowerCase() === host.toLowerCase());
  if (registry === undefined || trusted.includes(fingerprint(registry.certificateAuthority))) return undefined;
  const [name = '', reference = 'latest'] = path.join('/').split(/[@:](.*)/s);
  return (
    `failed to pull and unpack image "${image}": failed to resolve reference "${image}": failed to do request: ` +
    `Head "https://${host}/v2/${name}/manifests/${reference}": tls: failed to verify certificate: ` +
    'x509: certificate signed by unknown authority'
  );
}

function fingerprint(pem: string): string {
  return new X509Certificate(pem).fingerprint256.replaceAll(':', '').toLowerCase();
}
