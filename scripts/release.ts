/**
 * The steps of a release, as .github/workflows/release.yaml runs them and as a person can (docs/how-to/release.md).
 */
import { parseArgs } from 'node:util';
import { faultsOf } from './release/check.ts';
import { packageChart } from './release/chart.ts';
import { dryRun } from './release/dry-run.ts';
import { writeFiles } from './release/files.ts';

const USAGE = `Usage: node scripts/release.ts <step>

  check [--tag v1.2.3]   every file names the same version, and the changelog has it
  files                  dist/release: program, npm package, CRDs, bill of materials, checksums
  chart --repository REGISTRY/NAME [--digest sha256:…]   dist/chart: the chart, which names that image
  dry-run                all of it from a fresh clone, without a registry`;

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        tag: { type: 'string' },
        repository: { type: 'string' },
        digest: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    console.error(`release: ${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

const { positionals, values } = readArguments();
const [step] = values.help === true ? ['help'] : positionals;

switch (step) {
  case 'help':
    console.log(USAGE);
    break;
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
    console.error(USAGE);
    process.exitCode = 2;
}
