import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { judgeTrustStore, trustFolder, TRUST_STORE_SCRIPT } from '../../../src/cluster/verify/trust-store.ts';
import { mark, pem, root } from '../build.ts';

let folder: string;
let out: string;
beforeEach(() => {
  const all = mkdtempSync(join(tmpdir(), 'trust-store-'));
  folder = join(all, 'store');
  mkdirSync(join(folder, 'certs'), { recursive: true });
  out = join(all, 'termination-log');
  writeFileSync(out, '');
});
afterEach(() => {
  chmodSync(folder, 0o755);
  rmSync(join(folder, '..'), { recursive: true });
});

/** Runs the script as the pod does, with the same arguments in other places. */
function run(): string {
  execFileSync('sh', ['-c', TRUST_STORE_SCRIPT, 'verify', out, folder], { stdio: 'pipe' });
  return readFileSync(out, 'utf8');
}

function install(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

const list = (...indexes: number[]) => new Map(indexes.map((index) => [mark(index), root(index).details.subject]));

describe('the script', () => {
  it('writes the fingerprint of each of AKS’ files, in the folder and in those below', () => {
    install('certs/aks-custom-00000000000000cert0.crt', pem(0));
    install('aks-custom-00000000000000cert1.crt', pem(1));
    install('certs/somebody-elses.crt', pem(2));
    expect(run().trim().split('\n').sort()).toEqual([mark(0), mark(1), 'trust-store/1'].sort());
  });

  it('reads files with carriage returns, without a last newline, with several certificates and words between them', () => {
    install('aks-custom-a.crt', pem(0).replaceAll('\n', '\r\n'));
    install('aks-custom-b.crt', `subject: \\n %s $(exit 3)\n${pem(1)}and another\n${pem(2)}`.trimEnd());
    expect(judgeTrustStore(run(), list(0, 1, 2), true).outcome).toBe('Trusted');
  });

  it('writes only its heading where there is nothing', () => {
    expect(run()).toBe('trust-store/1\n');
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    expect(run()).toBe('trust-store/1\n');
  });

  it('names nothing that it cannot read, and passes over links into nowhere', () => {
    install('aks-custom-a.crt', '-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n');
    symlinkSync('/nowhere/at/all', join(folder, 'aks-custom-b.pem'));
    expect(run()).toBe('trust-store/1\n!unreadable\n');
  });

  it('fits a termination message, however much there is, and says that there is more', () => {
    for (let file = 0; file < 80; file++) install(`aks-custom-${file}.crt`, pem(0));
    const said = run();
    expect(Buffer.byteLength(said)).toBeLessThanOrEqual(4096);
    expect(said.trimEnd().split('\n').at(-1)).toBe('!truncated');
  });
});

describe('what the script wrote', () => {
  const said = (...lines: string[]) => ['trust-store/1', ...lines, ''].join('\n');

  it('is trust when it is the list', () => {
    expect(judgeTrustStore(said(mark(1), mark(0), mark(0)), list(0, 1), true).outcome).toBe('Trusted');
    expect(judgeTrustStore(said(), new Map(), true).outcome).toBe('Trusted');
  });

  it('is none when a certificate is missing, and names it', () => {
    const result = judgeTrustStore(said(mark(0)), list(0, 1), true);
    expect(result.outcome).toBe('Untrusted');
    expect(result.message).toContain(`does not have 1 of 2 certificates: ${root(1).details.subject}`);
  });

  it('is none when the node still has one that was taken out, unless the list has more than can be read', () => {
    const extra = said(mark(0), mark(1));
    expect(judgeTrustStore(extra, list(0), true).outcome).toBe('Untrusted');
    expect(judgeTrustStore(extra, list(0), false).outcome).toBe('Trusted');
  });

  it.each(['!unreadable', '!truncated'])('does not say that one is missing after %s', (line) => {
    expect(judgeTrustStore(said(mark(0), line), list(0, 1), true).outcome).toBe('Unclear');
    expect(judgeTrustStore(said(mark(0), line), list(0), true).outcome).toBe('Trusted');
  });

  it.each([
    ['', 'nothing at all'],
    ['all is well', 'words'],
    [`trust-store/1\n${'a'.repeat(63)}`, 'what is no fingerprint'],
    [`trust-store/1\n\u001b[2J`, 'controls'],
    [createHash('sha256').update('x').digest('hex'), 'no heading'],
  ])('%j proves nothing: %s', (text) => {
    const result = judgeTrustStore(text, list(0), true);
    expect(result.outcome).toBe('Unclear');
    expect(result.message).toMatch(/^[\x20-\x7e]*$/);
  });
});

describe('the folder of a trust store', () => {
  it.each([
    ['', '/usr/local/share/ca-certificates'],
    ['Ubuntu2404', '/usr/local/share/ca-certificates'],
    ['AzureLinux3', '/usr/share/pki/ca-trust-source'],
    ['AzureLinuxOSGuard', '/usr/share/pki/ca-trust-source'],
    ['CBLMariner', '/usr/share/pki/ca-trust-source'],
    ['AzureContainerLinux', '/etc/pki/ca-trust/source'],
    ['Flatcar', '/etc/ssl/certs'],
    ['Plan9', undefined],
  ])('of %j is %s', (sku, expected) => {
    expect(trustFolder(sku)).toBe(expected);
  });
});
