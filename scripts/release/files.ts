import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { entriesOf } from './changelog.ts';
import { manifest, read, ROOT } from './paths.ts';

/** What `scripts/build.ts` makes, and a release ships as it is. */
const BUILT = ['aks-ca-trust.mjs', 'aks-ca-trust.cdx.json', 'THIRD-PARTY-NOTICES.txt'];

/**
 * Writes the files of a release and their checksums to the folder `release` of `dist`, and release-notes.md beside it.
 *
 * @returns the lines of SHA256SUMS
 */
export function writeFiles(dist = join(ROOT, 'dist')): string[] {
  const target = join(dist, 'release');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const build = ['scripts/build.ts', '--outdir', dist];
  execFileSync(process.execPath, build, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  for (const name of BUILT) copyFileSync(join(dist, name), join(target, name));
  const crds = readdirSync(join(ROOT, 'crds')).filter((name) => name.endsWith('.yaml'));
  writeFileSync(join(target, 'crds.yaml'), crds.map((name) => read(`crds/${name}`)).join('---\n'));
  packForNpm(dist, target);
  const { version } = manifest();
  const { text = '' } = entriesOf(read('CHANGELOG.md')).find((entry) => entry.version === version) ?? {};
  writeFileSync(join(dist, 'release-notes.md'), `${text}\n`);
  const sums = readdirSync(target)
    .sort()
    .map(
      (name) =>
        `${createHash('sha256')
          .update(readFileSync(join(target, name)))
          .digest('hex')}  ${name}`,
    );
  writeFileSync(join(target, 'SHA256SUMS'), `${sums.join('\n')}\n`);
  return sums;
}

/** The command as an npm package without dependencies: the bundle has them. */
function packForNpm(dist: string, target: string): void {
  const folder = join(dist, 'npm');
  const { name, version, description, license, engines } = manifest();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const file of BUILT) copyFileSync(join(dist, file), join(folder, file));
  chmodSync(join(folder, 'aks-ca-trust.mjs'), 0o755);
  copyFileSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
  copyFileSync(join(ROOT, 'scripts/release/npm-readme.md'), join(folder, 'README.md'));
  const published = {
    name,
    version,
    description,
    license,
    engines,
    type: 'module',
    bin: { [name]: 'aks-ca-trust.mjs' },
  };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', target], {
    cwd: folder,
    encoding: 'utf8',
  });
  const [{ filename } = { filename: '' }] = JSON.parse(packed) as { filename: string }[];
  // The chart's package has the name that npm gives.
  renameSync(join(target, filename), join(target, `${name}-npm-${version}.tgz`));
}
