/** Writes what the Helm chart has from elsewhere: the resource definitions, and the version of package.json. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CHART = `${ROOT}deploy/helm/aks-ca-trust`;
const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8')) as { version: string };

for (const file of readdirSync(`${ROOT}crds`).filter((name) => name.endsWith('.yaml')))
  writeFileSync(`${CHART}/charts/crds/templates/${file}`, readFileSync(`${ROOT}crds/${file}`));

for (const file of [`${CHART}/Chart.yaml`, `${CHART}/charts/crds/Chart.yaml`]) {
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replaceAll(/^( *(?:version|appVersion): ).*$/gm, `$1${version}`));
}
