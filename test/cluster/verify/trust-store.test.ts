import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { judgeTrustStore, trustFolder, TRUST_STORE_SCRIPT } from '../../../src/cluster/verify/trust-store.ts';
import { readOnNodes } from '../../../src/certificates/nodes/on-nodes.ts';
import { NODE_TEXTS } from '../../certificates/node-texts.ts';
import { mark, pem, root } from '../../harness/build.ts';

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

/** A certificate whose base64 is that of its first bytes, with padding, and then that of the others. */
function inTwoParts(index: number): string {
  const der = Buffer.from(pem(index).replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const parts = [der.subarray(0, 4), der.subarray(4)].map((part) => part.toString('base64'));
  return `-----BEGIN CERTIFICATE-----\n${parts.join('')}\n-----END CERTIFICATE-----\n`;
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

  const joined = `${pem(0)}${pem(1).trimEnd()}${pem(2)}`;
  it.each<[string, string, string[]]>([
    ['files joined without a line end', joined, [mark(0), '!unreadable']],
    ['a byte order mark before the first of two', `\ufeff${pem(0)}${pem(1)}`, [mark(1)]],
    ['the label X509 CERTIFICATE', pem(0).replaceAll('CERTIFICATE', 'X509 CERTIFICATE'), []],
    ['the label TRUSTED CERTIFICATE', pem(0).replaceAll('CERTIFICATE', 'TRUSTED CERTIFICATE'), []],
    ['BEGIN in the middle of a line', `root: ${pem(0)}`, []],
    ['words after BEGIN', pem(0).replace('-----\n', '----- # root\n'), []],
    ['words after END', `${pem(0).trimEnd()} # root\n${pem(1)}`, ['!unreadable']],
    ['a no-break space after END', `${pem(0).trimEnd()}\u00a0\n`, ['!unreadable']],
    ['blanks after BEGIN and END', pem(0).replaceAll('-----\n', '----- \t\n'), [mark(0)]],
    ['blanks before the data', pem(0).replace(/^(?=[^-\n])/gm, '  '), [mark(0)]],
    ['the data in one line', pem(0).replace(/(?<=[^-\n])\n(?=[^-])/g, ''), [mark(0)]],
    ['CR alone at the ends of lines', pem(0).replaceAll('\n', '\r'), []],
    ['a header', pem(0).replace('-----\n', '-----\nX-Note: a\n\n'), ['!unreadable']],
    ['a blank line in the data', pem(0).replace(/\n(?=[^\n]+\n-----END)/, '\n\n'), ['!unreadable']],
    ['BEGIN twice', `-----BEGIN CERTIFICATE-----\n${pem(0)}`, ['!unreadable']],
    ['BEGIN without END', `${pem(0)}-----BEGIN CERTIFICATE-----\nMIIB\n`, [mark(0), '!unreadable']],
    ['a bad character and a whole one', pem(0).replace('MII', 'M!I') + pem(1), ['!unreadable']],
    ['padding in the middle', pem(0).replace('MII', 'M=I'), ['!unreadable']],
    ['padding in the middle, which a decoder may take', inTwoParts(0), ['!unreadable']],
    ['NUL characters', `\0${pem(0)}`, ['!unreadable']],
    [
      'a comment that speaks of the markers',
      `# -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----\n${pem(0)}`,
      [mark(0)],
    ],
    ['an END line too many', `${pem(0)}-----END CERTIFICATE-----\n`, [mark(0)]],
  ])('reads %s as the programs on the node do', (_, text, expected) => {
    install('aks-custom-a.crt', text);
    expect(run().trimEnd().split('\n').slice(1)).toEqual(expected);
  });

  it('counts nothing that the reader of the list does not count', () => {
    for (const [text] of Object.values(NODE_TEXTS)) {
      writeFileSync(join(folder, 'aks-custom-a.crt'), Buffer.from(text, 'latin1'));
      const said = run()
        .trimEnd()
        .split('\n')
        .filter((line) => /^[0-9a-f]{64}$/.test(line));
      expect(said.length).toBeLessThanOrEqual(readOnNodes(text).counts.go);
    }
  });

  it.each([
    ['blanks', ' '],
    ['line ends', '\n'],
    ['letters in a block', 'A'],
    ['lines of a block', `${'A'.repeat(63)}\n`],
    ['dashes', '-'],
  ])('does not read a large file of %s, and one at the limit in seconds', (_, piece) => {
    install(
      'aks-custom-a.crt',
      `-----BEGIN CERTIFICATE-----\n${piece.repeat(4 * 1024 * 1024)}`.slice(0, 4 * 1024 * 1024),
    );
    install('aks-custom-b.crt', `-----BEGIN CERTIFICATE-----\n${piece.repeat(262_144)}`.slice(0, 262_144));
    const before = performance.now();
    expect(run()).toBe('trust-store/1\n!unreadable\n!unreadable\n');
    expect(performance.now() - before).toBeLessThan(20_000);
  });

  it('reads no more files than AKS may ever write', () => {
    for (let file = 0; file < 200; file++) install(`aks-custom-${file}.crt`, 'nothing');
    expect(run()).toBe('trust-store/1\n!truncated\n');
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
