/**
 * Writes what Argo CD's repository wants of a health check (resource_customizations of github.com/argoproj/argo-cd): objects as our
 * controller leaves them, and their health. And the scripts as a ConfigMap, for Argo CD without them.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { stringify } from 'yaml';
import { argoTestdata } from '../test/gitops/argo-testdata.ts';
import { CUSTOMIZATIONS, JUDGED_KINDS } from '../test/gitops/verdicts.ts';

const CONFIG_MAP = join(CUSTOMIZATIONS, '../../argocd-cm.yaml');

async function write(file: string, content: unknown, head = ''): Promise<void> {
  const text = head + stringify(content, { lineWidth: 0 });
  writeFileSync(file, await format(text, { ...(await resolveConfig(file)), parser: 'yaml' }));
}

const testdata = await argoTestdata();
for (const kind of JUDGED_KINDS) {
  const folder = join(CUSTOMIZATIONS, kind);
  rmSync(join(folder, 'testdata'), { recursive: true, force: true });
  mkdirSync(join(folder, 'testdata'));
  const own = testdata.filter(({ object }) => object.kind === kind);
  for (const { name, object } of own) await write(join(folder, 'testdata', `${name}.yaml`), object);
  const tests = own.map(({ name, health }) => ({ healthStatus: health, inputPath: `testdata/${name}.yaml` }));
  await write(join(folder, 'health_test.yaml'), { tests });
}
const data = Object.fromEntries(
  JUDGED_KINDS.map((kind) => [
    `resource.customizations.health.aks-ca-trust.dev_${kind}`,
    readFileSync(join(CUSTOMIZATIONS, kind, 'health.lua'), 'utf8'),
  ]),
);
await write(
  CONFIG_MAP,
  { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-cm', namespace: 'argocd' }, data },
  '# The health checks beside this file, for the ConfigMap of Argo CD. Generated: make generate\n',
);
