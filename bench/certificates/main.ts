import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { exceedsLimit, formatFigures } from '../figure.ts';
import { measureCertificates } from './measure.ts';

const { values } = parseArgs({ options: { out: { type: 'string' } } });
const figures = await measureCertificates();
console.log(formatFigures(figures));
if (values.out !== undefined) {
  const report = {
    bench: 'certificates',
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    figures,
  };
  writeFileSync(values.out, `${JSON.stringify(report, undefined, 2)}\n`);
}
if (figures.some(exceedsLimit)) process.exitCode = 1;
