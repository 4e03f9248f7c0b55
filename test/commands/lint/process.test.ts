import { spawnSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { manifest, rotation } from './bad-manifests.ts';
import { expired, root, rootDer } from './made-up.ts';

const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));
const P12 = fileURLToPath(new URL('../../certificates/fixtures/containers/aes.p12', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-lint-'));
  const write = (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content);
  write('good.pem', root('Root A'));
  write('expired.pem', expired());
  write('good.yaml', manifest());
  write('rotation.yaml', rotation('  every: 90d\n'));
  write('bad.yaml', manifest().replace('certificates:', 'certificate:'));
  mkdirSync(join(folder, 'tree/node_modules/a'), { recursive: true });
  mkdirSync(join(folder, 'tree/.git'));
  for (const place of ['node_modules/a', '.git']) write(`tree/${place}/bad.pem`, 'not read');
  write('tree/root.crt', rootDer('Root A'));
  write('tree/README.md', 'not read');
  write('tree/package.json', '{"name": "other"}');
  write('tree/ports.json', '["80", "443"]');
  write('tree/deployment.yaml', 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n');
  symlinkSync('..', join(folder, 'tree/loop'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function lint(
  words: readonly string[],
  { input = '', env = {} }: { input?: string | Buffer; env?: Record<string, string> } = {},
) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', MAIN, 'lint', ...words], {
    cwd: folder,
    input,
    encoding: 'utf8',
    env: { ...process.env, KUBECONFIG: '/none', NO_COLOR: '1', ...env },
  });
  return { status, stdout, stderr };
}

describe('lint', () => {
  it.each<[string, string[], number, RegExp]>([
    ['a good file', ['good.pem'], 0, /^1 file: 0 errors, 0 warnings, 0 notes\.\n$/],
    ['a good manifest', ['good.yaml'], 0, /^1 file: 0 errors/],
    ['a good rotation', ['rotation.yaml'], 0, /^1 file: 0 errors/],
    ['a warning', ['expired.pem'], 0, /^expired\.pem:1: Warning Expired: .*\n\n1 file: 0 errors, 1 warning,/],
    ['a warning with --strict', ['expired.pem', '--strict'], 3, /Warning Expired/],
    ['an error', ['good.pem', 'bad.yaml'], 3, /^bad\.yaml:9:3: Error UnknownField: .* Write certificates\.\n/],
    ['a file that is not there', ['none.pem'], 3, /^none\.pem:1: Error Unreadable: .*There is no such file\.\n/],
    [
      'a folder, without what is about something else',
      ['tree'],
      0,
      /^tree\/root\.crt:1: Note OtherForm: [^\n]*\n\n4 files: 0/,
    ],
    ['a named file that is about something else', ['tree/package.json'], 3, /package\.json:1: Error NotACertificate/],
    ['a named manifest of another kind', ['tree/deployment.yaml'], 3, /Error NothingFound: A manifest without a cert/],
    ['a PKCS#12 file without its password', [P12], 3, /needs a password/],
  ])('%s', (_, words, status, said) => {
    const ended = lint(words);
    expect(ended).toMatchObject({ status, stderr: '' });
    expect(ended.stdout).toMatch(said);
  });

  it.each([
    ['no file', [], /missing required argument 'path'/],
    ['an unknown format', ['-o', 'xml', 'good.pem'], /--output is "xml"; it can be text, json or sarif/],
    ['standard input twice', ['-', '-'], /read once/],
    ['a password file that is not there', ['--password-file', 'none', 'good.pem'], /--password-file cannot be read/],
  ])('refuses %s', (_, words, said) => {
    const { status, stdout, stderr } = lint(words);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(said);
  });

  it('reads standard input, a manifest or a binary file', () => {
    expect(lint(['-'], { input: manifest() }).status).toBe(0);
    const { status, stdout } = lint(['-'], { input: rootDer('Root A') });
    expect({ status, stdout }).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^-:1: Note OtherForm/),
    });
  });

  it('opens PKCS#12 with a password from a file or from the environment, and shows neither', () => {
    writeFileSync(join(folder, 'password'), 'correct horse\n');
    const byFile = lint(['--password-file', 'password', P12]);
    const byVariable = lint([P12], { env: { PKCS12_PASSWORD: 'correct horse' } });
    const wrong = lint([P12], { env: { PKCS12_PASSWORD: 'battery staple' } });
    expect([byFile.status, byVariable.status, wrong.status]).toEqual([0, 0, 3]);
    expect(wrong.stdout).toMatch(/does not open/);
    expect(JSON.stringify([byFile, byVariable, wrong])).not.toMatch(/correct horse|battery staple/);
  });

  it('prints JSON and SARIF with the same findings', () => {
    const document = JSON.parse(lint(['-o', 'json', 'bad.yaml', 'expired.pem']).stdout) as Record<string, unknown>;
    expect(document).toMatchObject({
      format: 1,
      exitCode: 3,
      files: 2,
      findings: [
        { file: 'bad.yaml', line: 9, column: 3, severity: 'Error', code: 'UnknownField', fix: 'Write certificates.' },
        { file: 'expired.pem', line: 1, severity: 'Warning', code: 'Expired', fix: 'Use its successor.' },
      ],
    });
    const sarif = JSON.parse(lint(['-o', 'sarif', 'bad.yaml', 'expired.pem']).stdout) as { runs: unknown[] };
    expect(sarif).toMatchObject({
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'aks-ca-trust', rules: [{ id: 'Expired' }, { id: 'UnknownField' }] } },
          results: [
            {
              ruleId: 'UnknownField',
              ruleIndex: 1,
              level: 'error',
              locations: [
                {
                  physicalLocation: {
                    artifactLocation: { uri: 'bad.yaml' },
                    region: { startLine: 9, startColumn: 3 },
                  },
                },
              ],
            },
            { ruleId: 'Expired', level: 'warning' },
          ],
        },
      ],
    });
  });

  it('refuses a file of 10 MB, and of a terabyte, without reading it all', () => {
    for (const size of [10e6, 1e12]) {
      const file = openSync(join(folder, 'large.pem'), 'w');
      ftruncateSync(file, size);
      closeSync(file);
      const { status, stdout } = lint(['large.pem']);
      expect({ status, stdout }).toMatchObject({
        status: 3,
        stdout: expect.stringMatching(/larger than 4 MiB/),
      });
    }
  });

  it('refuses standard input of more than 4 MiB', () => {
    const { status, stdout } = lint(['-'], { input: Buffer.alloc(5 * 1024 * 1024, 'x') });
    expect({ status, stdout }).toMatchObject({
      status: 3,
      stdout: expect.stringMatching(/larger than 4 MiB/),
    });
  });
});
