import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { entriesOf } from '../../scripts/release/changelog.ts';
import { faultsOf } from '../../scripts/release/check.ts';
import { packageChart } from '../../scripts/release/chart.ts';
import { writeFiles } from '../../scripts/release/files.ts';
import { toolPath } from '../go-tools/find.ts';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');
const { version } = JSON.parse(read('package.json')) as { version: string };

describe('this commit', () => {
  it('names one version everywhere, and its changelog has it', () => {
    expect(faultsOf()).toEqual([]);
  });

  it('is refused as a release with another tag', () => {
    expect(faultsOf('v99.0.0')).toContainEqual(expect.stringContaining(`Tag the commit with v${version}.`));
  });
});

describe('scripts/release.ts', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ['scripts/release.ts', ...args], { cwd: ROOT, encoding: 'utf8' });

  it('prints its steps', () => {
    const { status, stdout } = run('--help');
    expect(status).toBe(0);
    expect(stdout).toContain('dry-run');
  });

  it.each([['--tags'], ['chek'], []])('refuses wrong arguments with its steps: %s', (...args) => {
    const { status, stderr } = run(...args.filter((arg) => typeof arg === 'string'));
    expect(status).toBe(2);
    expect(stderr).toMatch(/^(?:release: Unknown option '--tags'.*\n\n)?Usage: /);
  });
});

describe('a changelog', () => {
  it('is read by version, with or without a date', () => {
    const text =
      '# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-12-31\n\n### Added\n\n- A thing.\n\n## [1.2.2] - not released yet\n';
    expect(entriesOf(text)).toEqual([
      { version: 'Unreleased', date: '', text: '' },
      { version: '1.2.3', date: '2026-12-31', text: '### Added\n\n- A thing.' },
      { version: '1.2.2', date: 'not released yet', text: '' },
    ]);
  });
});

describe('the files of a release', () => {
  let dist: string;
  beforeAll(() => {
    dist = mkdtempSync(join(tmpdir(), 'aks-ca-trust-dist-'));
    writeFiles(dist);
  }, 60_000);
  afterAll(() => rmSync(dist, { recursive: true, force: true }));
  const file = (name: string) => readFileSync(join(dist, 'release', name));

  it('are the program, its package, the definitions, the bill of materials and the notices, each with its checksum', () => {
    const sums = file('SHA256SUMS').toString().trimEnd().split('\n');
    expect(sums.map((line) => line.split('  ')[1])).toEqual([
      'THIRD-PARTY-NOTICES.txt',
      'aks-ca-trust-npm-' + version + '.tgz',
      'aks-ca-trust.cdx.json',
      'aks-ca-trust.mjs',
      'crds.yaml',
    ]);
    for (const line of sums) {
      const [sum, name = ''] = line.split('  ');
      expect(createHash('sha256').update(file(name)).digest('hex')).toBe(sum);
    }
    expect(readdirSync(join(dist, 'release'))).toHaveLength(sums.length + 1);
  });

  it('have all definitions of crds/ in one file', () => {
    const kinds = parseAllDocuments(file('crds.yaml').toString()).map((document) =>
      document.getIn(['spec', 'names', 'kind']),
    );
    expect(kinds).toEqual(['CertificateRotation', 'CustomCATrust', 'TargetCluster']);
  });

  it('have a program that starts by itself', () => {
    const program = join(dist, 'release', 'aks-ca-trust.mjs');
    expect(statSync(program).mode & 0o111).toBe(0o111);
    expect(execFileSync(program, ['--version'], { encoding: 'utf8' })).toBe(`${version}\n`);
  });

  it('have notes with what the changelog says of the version', () => {
    expect(readFileSync(join(dist, 'release-notes.md'), 'utf8').trim()).toBe(
      entriesOf(read('CHANGELOG.md')).find((entry) => entry.version === version)?.text,
    );
  });

  it('have an npm package that installs without any other, and whose command runs', () => {
    const prefix = join(dist, 'prefix');
    const packed = join(dist, 'release', `aks-ca-trust-npm-${version}.tgz`);
    execFileSync('npm', ['install', '--global', '--offline', '--prefix', prefix, packed], { stdio: 'pipe' });
    const command = join(prefix, 'bin', 'aks-ca-trust');
    const run = (...args: string[]) => execFileSync(command, args, { encoding: 'utf8' });
    expect(run('--version')).toBe(`${version}\n`);
    expect(run('status', '--help')).toContain('--watch');
    const installed = join(prefix, 'lib', 'node_modules', 'aks-ca-trust');
    expect(readdirSync(installed).sort()).toEqual([
      'LICENSE',
      'README.md',
      'THIRD-PARTY-NOTICES.txt',
      'aks-ca-trust.cdx.json',
      'aks-ca-trust.mjs',
      'package.json',
    ]);
    expect(JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))).not.toHaveProperty('private');
  }, 60_000);
});

const helm = toolPath('helm');
(helm === undefined ? describe.skip : describe)('the chart of a release', () => {
  it('installs the image of the release, by its digest', () => {
    const dist = mkdtempSync(join(tmpdir(), 'aks-ca-trust-chart-'));
    try {
      const digest = `sha256:${'0'.repeat(64)}`;
      const packed = packageChart({ repository: 'registry.example.com/aks-ca-trust', digest }, dist);
      expect(packed).toBe(join(dist, 'chart', `aks-ca-trust-${version}.tgz`));
      const rendered = execFileSync(helm ?? '', ['template', 'x', packed, '--kube-version', '1.36.0'], {
        encoding: 'utf8',
      });
      expect(rendered).toContain(`image: "registry.example.com/aks-ca-trust@${digest}"`);
    } finally {
      rmSync(dist, { recursive: true, force: true });
    }
  });
});
