import { parse } from 'yaml';
import { entriesOf } from './changelog.ts';
import { manifest, read } from './paths.ts';

const CHART = 'deploy/helm/aks-ca-trust';

interface Chart {
  readonly version: string;
  readonly appVersion?: string;
  readonly dependencies?: readonly { readonly version: string }[];
}

/**
 * What keeps this commit from being released: files that name another version, or a changelog without it.
 *
 * @param tag of the release, such as v1.2.3; absent: the commit is not about to be released, and needs no date in the changelog
 */
export function faultsOf(tag?: string): string[] {
  const { version } = manifest();
  const chart = parse(read(`${CHART}/Chart.yaml`)) as Chart;
  const definitions = parse(read(`${CHART}/charts/crds/Chart.yaml`)) as Chart;
  const named: Record<string, string | undefined> = {
    'src/api/version.ts': /VERSION = '([^']+)'/.exec(read('src/api/version.ts'))?.[1],
    Dockerfile: /^ARG VERSION=(\S+)$/m.exec(read('Dockerfile'))?.[1],
    'deploy/kustomize/controller/deployment.yaml': /image: aks-ca-trust:(\S+)/.exec(
      read('deploy/kustomize/controller/deployment.yaml'),
    )?.[1],
    [`version of ${CHART}/Chart.yaml`]: chart.version,
    [`appVersion of ${CHART}/Chart.yaml`]: chart.appVersion,
    [`the chart of the definitions in ${CHART}/Chart.yaml`]: chart.dependencies?.[0]?.version,
    [`${CHART}/charts/crds/Chart.yaml`]: definitions.version,
  };
  const faults = Object.entries(named)
    .filter(([, other]) => other !== version)
    .map(([file, other]) => `${file} names the version ${other ?? '(none)'}, and package.json ${version}.`);
  if (tag !== undefined && tag !== `v${version}`)
    faults.push(`The tag is ${tag}, and package.json has the version ${version}. Tag the commit with v${version}.`);
  const entry = entriesOf(read('CHANGELOG.md')).find((candidate) => candidate.version === version);
  if (entry === undefined || entry.text === '')
    faults.push(
      `CHANGELOG.md says nothing of ${version}. Write what a user has to know under "## [${version}] - DATE".`,
    );
  else if (tag !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(entry.date))
    faults.push(`CHANGELOG.md has no date at ${version}. Write "## [${version}] - YYYY-MM-DD".`);
  return faults;
}
