import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { hasHelm } from './chart.ts';
import { ROOT } from './paths.ts';

/** What needs a container engine, a registry or the workflow's identity: run by .github/workflows/release.yaml alone. */
const NOT_RUN = [
  'docker buildx build for linux/amd64 and linux/arm64, and the digests of the base images',
  'push of image and chart to a registry, npm publish, gh release create',
  'cosign sign and sign-blob, attestations of provenance and bill of materials',
];

/**
 * Runs the steps of a release that need no registry, from a clone of the last commit: the stages of the Dockerfile in fresh folders, the
 * files, the chart, and the npm package in a fresh prefix. Throws at the first step that fails.
 */
export function dryRun(): void {
  const here = mkdtempSync(join(tmpdir(), 'aks-ca-trust-release-'));
  const run = (cwd: string, command: string, ...args: string[]) => {
    console.log(`$ ${[basename(command), ...args].join(' ')}`);
    return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  };
  try {
    const clone = join(here, 'clone');
    run(ROOT, 'git', 'clone', '--quiet', '--no-local', '.', clone);
    const dockerfile = readFileSync(join(clone, 'Dockerfile'), 'utf8').replaceAll('\\\n', ' ');

    console.log('\nThe stages of the Dockerfile, in folders that have nothing else:');
    const built = join(here, 'build');
    const image = join(here, 'image');
    for (const [index, stage] of dockerfile
      .split(/^FROM /m)
      .slice(1)
      .entries())
      for (const line of stage.split('\n')) runInstruction(line, index === 0 ? built : image);

    console.log('\nThe files of a release:');
    run(clone, 'npm', 'ci', '--ignore-scripts', '--no-progress');
    run(clone, process.execPath, 'scripts/release.ts', 'check');
    console.log(run(clone, process.execPath, 'scripts/release.ts', 'files').trimEnd());
    const release = join(clone, 'dist', 'release');
    sameBytes(join(image, 'aks-ca-trust.mjs'), join(release, 'aks-ca-trust.mjs'));
    console.log('The image has the program of the release, byte for byte.');

    console.log('\nThe npm package, installed into a fresh prefix:');
    const [packed = ''] = run(release, 'sh', '-c', 'ls aks-ca-trust-npm-*.tgz').trim().split('\n');
    const prefix = join(here, 'prefix');
    run(release, 'npm', 'install', '--global', '--prefix', prefix, join(release, packed));
    console.log(run(here, join(prefix, 'bin', 'aks-ca-trust'), '--version').trimEnd());

    console.log('\nThe chart:');
    const withHelm = hasHelm();
    if (withHelm)
      console.log(
        run(clone, process.execPath, 'scripts/release.ts', 'chart', '--repository', 'aks-ca-trust').trimEnd(),
      );

    const notRun = withHelm ? NOT_RUN : ['the package of the chart: there is no Helm on the PATH', ...NOT_RUN];
    console.log(`\nNot run here:\n${notRun.map((line) => `- ${line}`).join('\n')}`);

    function runInstruction(line: string, folder: string): void {
      const [name, ...words] = line.trim().split(/\s+/);
      mkdirSync(folder, { recursive: true });
      if (name === 'COPY') {
        const sources = words.slice(0, -1).filter((word) => !word.startsWith('--from='));
        const target = join(folder, words.at(-1) ?? '');
        for (const source of sources) {
          if (source.startsWith('/build/'))
            copyFileSync(join(built, source.slice('/build/'.length)), join(target, basename(source)));
          else
            cpSync(join(clone, source), words.at(-1)?.endsWith('/') ? join(target, source) : target, {
              recursive: true,
            });
        }
      } else if (name === 'RUN') {
        const [command = '', ...args] = line.includes('[')
          ? (JSON.parse(line.slice(line.indexOf('['))) as string[])
          : words;
        run(folder, command.endsWith('/node') ? process.execPath : command, ...args);
      } else if (name === 'ENTRYPOINT') {
        const [, ...args] = JSON.parse(line.slice(line.indexOf('['))) as string[];
        const program = args.at(-1) ?? '';
        const printed = run(
          folder,
          process.execPath,
          ...args.slice(0, -1),
          join(folder, basename(program)),
          '--version',
        );
        console.log(printed.trimEnd());
      }
    }
  } finally {
    rmSync(here, { recursive: true, force: true });
  }
}

function sameBytes(one: string, other: string): void {
  const [a, b] = [one, other].map((file) => createHash('sha256').update(readFileSync(file)).digest('hex'));
  if (a !== b) throw new Error(`${one} has the SHA-256 ${a}, and ${other} ${b}: they must be equal`);
}
