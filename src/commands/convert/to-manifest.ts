import { API_VERSION } from '../../api/names.ts';
import type { Certificate } from '../../certificates/certificate.ts';
import { shownName } from '../../certificates/x509/shown-name.ts';
import type { ManifestNames } from './request.ts';

/** A CustomCATrust in YAML, with an entry for each certificate, named after its subject. */
export function toManifest(certificates: readonly Certificate[], { name, namespace, target }: ManifestNames): string {
  const names = entryNames(certificates);
  const lines = [
    `apiVersion: ${API_VERSION}`,
    'kind: CustomCATrust',
    'metadata:',
    `  name: ${JSON.stringify(name)}`,
    ...(namespace === undefined ? [] : [`  namespace: ${JSON.stringify(namespace)}`]),
    'spec:',
    '  target:',
    `    resourceId: ${JSON.stringify(target.resourceId)}`,
    '  certificates:',
    ...certificates.flatMap((certificate, index) => entryLines(names[index] ?? '', certificate)),
  ];
  return `${lines.join('\n')}\n`;
}

function entryLines(name: string, { pem, details, fingerprint }: Certificate): string[] {
  return [
    `    # ${shownName(details.subject)}, valid until ${details.notAfter}, SHA-256 ${fingerprint}`,
    `    - name: ${JSON.stringify(name)}`,
    '      pem: |',
    ...pem
      .trimEnd()
      .split('\n')
      .map((line) => `        ${line}`),
  ];
}

/** The schema allows 63; a number may follow. */
const LONGEST = 56;

/** Names of entries: lower-case letters, digits and hyphens, each once. */
export function entryNames(certificates: readonly Pick<Certificate, 'details'>[]): string[] {
  const used = new Set<string>();
  return certificates.map(({ details: { subject } }) => {
    const base = slugOf(/(?:^|, )CN=([^,]*)/.exec(subject)?.[1] ?? subject.replace(/^[A-Za-z0-9.]+=/, ''));
    let name = base;
    for (let next = 2; used.has(name); next++) name = `${base}-${next}`;
    used.add(name);
    return name;
  });
}

function slugOf(text: string): string {
  const slug = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST)
    .replace(/^-+|-+$/g, '');
  return slug === '' ? 'certificate' : slug;
}
