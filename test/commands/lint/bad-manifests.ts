import { intermediate, privateKey, root } from './made-up.ts';

export const CLUSTER =
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/prod/providers/Microsoft.ContainerService/managedClusters/prod-weu';

const A = root('Root A');
const BAD = A.replace('MI', 'M!');
const block = (pem: string, indent = 8) => pem.trimEnd().replaceAll(/^/gm, ' '.repeat(indent));

/** A manifest as people write it. */
export function manifest({
  name = 'roots',
  certificates = entry('root', A),
  spec = '',
  resourceId = CLUSTER,
}: { name?: string; certificates?: string; spec?: string; resourceId?: string } = {}): string {
  return `apiVersion: aks-ca-trust.dev/v1alpha1
kind: CustomCATrust
metadata:
  name: ${name}
  namespace: platform
spec:
  target:
    resourceId: ${resourceId}
${spec}  certificates:
${certificates}`;
}

/** A CertificateRotation; `spec` is more of its spec. */
export function rotation(spec = ''): string {
  return manifest({ name: 'certificates', certificates: '' })
    .replace('kind: CustomCATrust', 'kind: CertificateRotation')
    .replace('  certificates:\n', spec);
}

export function entry(name: string, pem: string): string {
  return `    - name: ${name}\n      pem: |\n${block(pem)}\n`;
}

const roots = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => entry(`r${from + index}`, root(`Root ${from + index}`))).join('');

/** Manifests that the API server or the controller would refuse, or that a person should see before they are applied. */
export const MANIFESTS: Readonly<Record<string, string>> = {
  'certificate-instead-of-certificates.yaml': manifest().replace('  certificates:', '  certificate:'),
  'unknown-field.yaml': manifest({ spec: '  deletion: Remove\n' }),
  'no-target.yaml': manifest().replace(/ {2}target:\n.*\n/, ''),
  'bad-resource-id.yaml': manifest({ resourceId: '/subscriptions/x/managedClusters/prod' }),
  'bad-enumeration.yaml': manifest({ spec: '  deletionPolicy: remove\n' }),
  'bad-type.yaml': manifest({ spec: '  settleSeconds: soon\n' }),
  'boolean-of-yaml.yaml': manifest({ spec: '  deletionPolicy: off\n' }),
  'out-of-bounds.yaml': manifest({ spec: '  settleSeconds: 7200\n' }),
  'bad-schedule.yaml': manifest({ spec: '  window:\n    schedule: saturday\n    durationHours: 4\n' }),
  'window-without-schedule.yaml': manifest({ spec: '  window:\n    timeZone: Europe/Berlin\n' }),
  'two-ways-to-nodes.yaml': manifest().replace(
    '  certificates:',
    '    nodeAccess:\n      azure: {}\n      inCluster: {}\n  certificates:',
  ),
  'entry-twice.yaml': manifest({ certificates: entry('root', A) + entry('root', root('Root B')) }),
  'entry-name.yaml': manifest({ certificates: entry('Root_A', A) }),
  'entry-without-pem.yaml': manifest({ certificates: '    - name: root\n' }),
  'entry-with-a-reference.yaml': manifest({ certificates: '    - name: root\n      configMapRef: { name: roots }\n' }),
  'object-name.yaml': manifest({ name: 'Corporate_Roots' }),
  'old-version.yaml': manifest().replace('v1alpha1', 'v1beta1'),
  'other-kind.yaml': manifest().replace('kind: CustomCATrust', 'kind: TargetCluster'),
  'same-certificate-in-two-entries.yaml': manifest({ certificates: entry('one', A) + entry('two', A) }),
  'eleven-in-one-object.yaml': manifest({ certificates: roots(1, 11) }),
  'eleven-in-two-objects.yaml': `${manifest({ name: 'a', certificates: roots(1, 6) })}---\n${manifest({ name: 'b', certificates: roots(7, 5) })}`,
  'bad-character.yaml': manifest({ certificates: entry('root', BAD) }),
  'private-key.yaml': manifest({ certificates: entry('root', A + privateKey()) }),
  'folded.yaml': manifest({ certificates: `    - name: root\n      pem: >\n${block(BAD)}\n` }),
  'quoted.yaml': manifest({
    certificates: `    - name: root\n      pem: ${JSON.stringify(BAD)}\n`,
  }),
  'alias.yaml': `x-root: &root |\n${block(BAD, 2)}\n${manifest({ certificates: '    - name: root\n      pem: *root\n' })}`,
  'intermediate.yaml': manifest({ certificates: entry('issuing', intermediate('Issuing CA', 'Root Elsewhere')) }),
  'second-document.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n---\n# kustomize\n${manifest({ spec: '  settleSeconds: -1\n' })}`,
  'list.yaml': `apiVersion: v1\nkind: List\nitems:\n${manifest({ spec: '  suspended: true\n' })
    .replaceAll(/^(?=.)/gm, '    ')
    .replace('    api', '  - api')}`,
  'not-yaml.yaml': `${manifest()}  - :\n :\n`,
  'tab.yaml': manifest().replace('  name: roots', '\tname: roots'),
  'duplicate-key.yaml': manifest({ spec: '  suspend: true\n  suspend: false\n' }),
  'helm-template.yaml': manifest({ resourceId: '{{ .Values.cluster }}' }),
  'helm-control.yaml': `{{- if .Values.enabled }}\n${manifest()}{{- end }}\n`,
  'preview-secret.yaml': `apiVersion: v1\nkind: Secret\nmetadata:\n  name: custom-ca-trust-secret\n  namespace: kube-system\ndata:\n  a.crt: ${Buffer.from(A).toString('base64')}\n`,
  'rotation.yaml': manifest()
    .replace('kind: CustomCATrust', 'kind: CertificateRotation')
    .replace(/ {2}certificates:[^]*/, '  mode: rotate\n'),
  'object.json': JSON.stringify(
    { apiVersion: 'aks-ca-trust.dev/v1alpha1', kind: 'CustomCATrust', metadata: { name: 'a' }, spec: { target: {} } },
    undefined,
    2,
  ),
  'deep.yaml': `kind: CustomCATrust\nspec: ${'['.repeat(5000)}\n`,
  'aliases.yaml': `apiVersion: aks-ca-trust.dev/v1alpha1\nkind: CustomCATrust\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n`,
  'braces.yaml': `apiVersion: aks-ca-trust.dev/v1alpha1\nkind: CustomCATrust\n${'}'.repeat(100_000)}\n`,
};
