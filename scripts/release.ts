/**
 * The steps of a release, as .github/workflows/release.yaml runs them and as a person can (docs/how-to/release.md).
 *
 *   node scripts/release.ts check [--tag v1.2.3]   every file names the same version, and the changelog has it
 *   node scripts/release.ts files                  dist/release: program, npm package, CRDs, bill of materials, checksums
 *   node scripts/release.ts chart --repository REGISTRY/NAME [--digest sha256:…]   dist/chart: the chart, which names that image
 *   node scripts/release.ts dry-run                all of it from a fresh clone, without a registry
 */
import { parseArgs } from 'node:util';
import { faultsOf } from './release/check.ts';
import { packageChart } from './release/chart.ts';
import { dryRun } from './release/dry-run.ts';
import { writeFiles } from './release/files.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { tag: { type: 'string' }, repository: { type: 'string' }, digest: { type: 'string' } },
});
const [step] = positionals;

switch (step) {
  case 'check': {
    const faults = faultsOf(values.tag);
    for (const fault of faults) console.error(`release: ${fault}`);
    if (faults.length > 0) process.exitCode = 1;
    break;
  }
  case 'files':
    for (const line of writeFiles()) console.log(line);
    break;
  case 'chart':
    if (values.repository === undefined) throw new Error('chart needs --repository REGISTRY/NAME');
    console.log(packageChart({ repository: values.repository, digest: values.digest ?? '' }));
    break;
  case 'dry-run':
    dryRun();
    break;
  default:
    console.error('Usage: node scripts/release.ts check | files | chart | dry-run');
    process.exitCode = 2;
}
