import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { connect, KubernetesError, type Connection } from '../../../src/kubernetes/client/connection.ts';
import { loadOwnCredentials } from '../../../src/kubernetes/auth/credentials.ts';
import { readManifest } from '../../../src/commands/lint/documents.ts';
import { judgeObject } from '../../../src/commands/lint/manifest.ts';
import { eventually } from '../../eventually.ts';
import { MANIFESTS, entry, manifest, rotation } from './bad-manifests.ts';
import { NOW, root } from './made-up.ts';

const namespace = `lint-${randomBytes(4).toString('hex')}`;
const COLLECTIONS: Readonly<Record<string, string>> = {
  CustomCATrust: 'customcatrusts',
  CertificateRotation: 'certificaterotations',
};

let api: Connection;
beforeAll(async () => {
  api = connect(await loadOwnCredentials({ kubeconfig: process.env['AKS_CA_TRUST_KUBECONFIG']! }));
  for (const kind of Object.values(COLLECTIONS))
    await eventually(() => api.request({ path: `/apis/aks-ca-trust.dev/v1alpha1/${kind}` }).catch(() => undefined));
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  await api.request({ method: 'POST', path: '/api/v1/namespaces', body });
});
afterAll(() => api.close());

interface Written {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

/** Whether the API server takes an object as `kubectl apply` sends it. */
async function isAccepted(object: Written): Promise<boolean> {
  const path = `/apis/aks-ca-trust.dev/v1alpha1/namespaces/${namespace}/${COLLECTIONS[object.kind]}`;
  const body = { ...object, metadata: { name: object.metadata.name } };
  try {
    await api.request({ method: 'POST', path, query: { dryRun: 'All', fieldValidation: 'Strict' }, body });
    return true;
  } catch (error) {
    if (error instanceof KubernetesError && (error.status === 422 || error.status === 400)) return false;
    throw error;
  }
}

/** Whether lint finds nothing that an API server would refuse. */
function isClean(text: string): boolean {
  const { objects, findings } = readManifest(text);
  const found = [...findings, ...objects.flatMap((object) => judgeObject(object, NOW).findings)];
  return !found.some(({ code }) => ['UnknownField', 'MissingField', 'InvalidValue', 'UnknownVersion'].includes(code));
}

const long = 'a'.repeat(64);
const MORE: Readonly<Record<string, string>> = {
  good: manifest(),
  'no certificates': manifest({ certificates: '    []\n' }),
  'null instead of a list': manifest({ certificates: '' }),
  'null instead of a number': manifest({ spec: '  settleSeconds:\n' }),
  'an empty pem': manifest({ certificates: '    - name: a\n      pem: ""\n' }),
  'a name of 64': manifest({ certificates: entry(long, root('Root A')) }),
  'a number as name': manifest({ certificates: '    - name: 1\n      pem: x\n' }),
  'a boolean as text': manifest({ spec: '  suspend: "true"\n' }),
  'a fraction': manifest({ spec: '  settleSeconds: 1.5\n' }),
  'a whole fraction': manifest({ spec: '  settleSeconds: 3.0\n' }),
  '65 entries': manifest({
    certificates: Array.from({ length: 65 }, (_, at) => `    - {name: e${at}, pem: x}\n`).join(''),
  }),
  'a window': manifest({ spec: '  window: { schedule: "0 2 * * 6", durationHours: 4 }\n' }),
  'a window twice': manifest({
    spec: '  window: { schedule: "0 2 * * 6", durationHours: 4, maintenanceConfiguration: aksManagedAutoUpgradeSchedule }\n',
  }),
  'a window without end': manifest({ spec: '  window: { schedule: "0 2 * * 6" }\n' }),
  'a group of other letters': manifest().replace('resourceGroups/prod', 'resourceGroups/größe_(1)'),
  'a group with a period at its end': manifest().replace('resourceGroups/prod', 'resourceGroups/prod.'),
  'an id in upper case': manifest().replace('/resourceGroups/', '/RESOURCEGROUPS/'),
  'a key with dots': access('{ name: a, key: ..x }'),
  'a key of objects': access('{ name: a, key: __proto__ }'),
  'a good key': access('{ name: a.b-c, key: k_1.x }'),
  'a bad Secret': access('{ name: a..b }'),
  'a verification': manifest({ spec: '  verify: { image: registry.example.com/a:1, imagePullSecrets: [a, b] }\n' }),
  'a verification with a Secret twice': manifest({
    spec: '  verify: { image: registry.example.com/a:1, imagePullSecrets: [a, a] }\n',
  }),
  'a verification of two sorts': manifest({ spec: '  verify: { image: registry.example.com/a:1, trustStore: {} }\n' }),
  'a name of 253': manifest({ name: 'a'.repeat(253) }),
  'a name of 254': manifest({ name: 'a'.repeat(254) }),
  'a name with two dots': manifest({ name: 'a..b' }),
  'a name with a hyphen after a dot': manifest({ name: 'a.-b' }),
  'a rotation': rotation(),
  'every day': rotation('  every: 1d\n'),
  'every 30 days in hours': rotation('  every: 720h\n'),
  'every 719 hours': rotation('  every: 719h\n'),
  'every ten years and a day': rotation('  every: 3651d\n'),
  'every month': rotation('  every: month\n'),
  'a day before expiry': rotation('  beforeExpiry: 1d\n'),
  'hours before expiry': rotation('  beforeExpiry: 23h\n'),
  'a notice of 30 days': rotation('  notice: 30d\n'),
  'a notice of 31 days': rotation('  notice: 31d\n'),
  'a rotation without consent': rotation('  mode: Rotate\n'),
  'a rotation with refused consent': rotation('  mode: Rotate\n  acceptDowntime: false\n'),
  'a rotation with consent': rotation('  mode: Rotate\n  acceptDowntime: true\n'),
  'an image without registry': manifest({ spec: '  verify: { image: "a:1" }\n' }),
};

function access(reference: string): string {
  return manifest().replace(
    '  certificates:',
    `    nodeAccess: { kubeconfigSecretRef: ${reference} }\n  certificates:`,
  );
}

/** Not YAML, templates, several objects, and other kinds: no request to compare with. */
const written = Object.entries({ ...MANIFESTS, ...MORE }).flatMap(([name, text]): [string, string, Written][] => {
  if (text.length > 50_000 || text.includes('{{') || name === 'aliases.yaml') return [];
  const [document] = parseAllDocuments(text, { version: '1.1', logLevel: 'silent' }).slice(-1);
  if (document === undefined || document.errors.length > 0) return [];
  const object = document.toJS() as Written;
  return object.kind in COLLECTIONS && object.metadata ? [[name, text, object]] : [];
});

describe('lint and an API server agree on', () => {
  it.each(written)('%s', async (_, text, object) => {
    expect({ accepted: isClean(text) }).toEqual({ accepted: await isAccepted(object) });
  });

  it('enough of them', () => {
    expect(written.length).toBeGreaterThan(60);
  });
});
