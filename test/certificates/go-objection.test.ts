import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { goObjection } from '../../src/certificates/go/go-objection.ts';
import { COMMON_NAME, basicConstraints, craft, generalizedTime, name, rsaKey, utcTime } from './fixtures/craft.ts';
import { TRUE, bits, element, octets, oid, sequence } from './fixtures/der-writer.ts';
import { fixture } from './fixtures/fixture.ts';
import { derOf } from './roots.ts';

/** Certificates as the fuzzer made them, each with what Go 1.26.8 said: dropped, never used to verify, or ok. */
const VERDICTS = JSON.parse(readFileSync(new URL('fixtures/go-verdicts.json', import.meta.url), 'utf8')) as readonly {
  readonly go: string;
  readonly der: string;
}[];

const derIn = (file: string): Buffer => Buffer.from(fixture(file).replace(/-----.*-----|\s/g, ''), 'base64');

describe('a Go program', () => {
  it.each(VERDICTS.map(({ go, der }, index) => [index, go, der] as const))(
    '(%i) says "%s", and so do we',
    (_, go, der) => {
      expect(goObjection(Buffer.from(der, 'base64')) === undefined).toBe(go === 'ok');
    },
  );

  it("uses every one of Mozilla's roots", () => {
    for (const pem of rootCertificates) expect(goObjection(derOf(pem))).toBeUndefined();
  });

  it.each([
    ['good', undefined],
    ['good-rsa', undefined],
    ['ed25519', undefined],
    ['utc-no-seconds', undefined],
    ['alg-differs', 'signature algorithms differ'],
    ['bool-01', 'BOOLEAN that is not DER'],
    ['dsa', 'DSA'],
    ['duplicate-ext', '2.5.29.14 twice'],
    ['ec-SM2', 'curve'],
    ['ec-brainpoolP256r1', 'curve'],
    ['ec-explicit', 'spells out the parameters of its curve'],
    ['ec-secp256k1', 'curve'],
    ['ed448', 'Ed448'],
    ['eku-client-only', 'not for servers; Azure Linux'],
    ['nc-dirname-critical', 'name constraints'],
    ['printable-at', 'its subject has "@" in a PrintableString'],
    ['printable-underscore', 'its subject has "_" in a PrintableString'],
    ['rsa-pss-key', 'RSASSA-PSS'],
    ['san-ip-8', 'IP address of 8 bytes'],
    ['san-uri-bad', 'malformed URI'],
    ['trailing-newline', 'follows the certificate'],
    ['universal-name', 'tag 28'],
    ['unknown-critical', '1.3.6.1.4.1.99999.1 is critical'],
    ['version-4', 'version'],
  ])('objects to %s as it should: %s', (file, why) => {
    const objection = goObjection(derIn(`field/${file}`));
    if (why === undefined) expect(objection).toBeUndefined();
    else expect(objection).toContain(why);
  });

  const PRINTABLE = 0x13;
  const extension = (id: string, value: Buffer, critical = false) =>
    sequence(oid(id), ...(critical ? [TRUE] : []), octets(value));
  const with_ = (...extensions: Buffer[]) => craft({ extensions: [basicConstraints(true), ...extensions] });
  const uri = (text: string) => with_(extension('2.5.29.17', sequence(element(0x86, text))));
  const usages = (...ids: string[]) => with_(extension('2.5.29.37', sequence(...ids.map((id) => oid(id)))));

  const P256 = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
  /** The point of P-256 with x = 5, written with so much more. */
  function pointOfP256(more: bigint): Buffer {
    const x = 5n + more;
    const y = 0x459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbccn;
    const bytes = [x, y].map((one) => Buffer.from(one.toString(16).padStart(64, '0'), 'hex'));
    return sequence(
      sequence(oid('1.2.840.10045.2.1'), oid('1.2.840.10045.3.1.7')),
      bits(Buffer.concat([Buffer.from([4]), ...bytes])),
    );
  }

  it.each<[string, Buffer]>([
    ['a point of P-256 whose x is small', craft({ publicKey: pointOfP256(0n) })],
    ['"*" in a PrintableString', craft({ subject: [name(COMMON_NAME, '*.example', PRINTABLE)] })],
    ['"&" in a PrintableString', craft({ subject: [name(COMMON_NAME, 'A & B', PRINTABLE)] })],
    ['a T61String', craft({ subject: [name(COMMON_NAME, Buffer.from('Gr\u00fcn', 'latin1'), 0x14)] })],
    ['an empty name', craft({ subject: [] })],
    ['UTCTime without seconds', craft({ notBefore: utcTime('2501010000Z') })],
    ['UTCTime in another zone', craft({ notBefore: utcTime('250101000000+0130') })],
    ['an unknown extension that is not critical', with_(extension('1.2.3', octets(Buffer.from('x'))))],
    [
      'name constraints on directories that are not critical',
      with_(extension('2.5.29.30', sequence(element(0xa0, sequence(element(0xa4, sequence())))))),
    ],
    [
      'critical name constraints on domains',
      with_(extension('2.5.29.30', sequence(element(0xa0, sequence(element(0x82, '.example.com')))), true)),
    ],
    ['an extended key usage for servers', usages('1.3.6.1.5.5.7.3.2', '1.3.6.1.5.5.7.3.1')],
    ['an extended key usage for everything', usages('2.5.29.37.0')],
    ['an extended key usage for nothing', usages()],
    ['no certificate authority', craft({ authority: false })],
    ['an RSA key of 1024 bits', craft({ key: rsaKey(1024) })],
    ...[
      'http://example.com/',
      'https://[::1]:443/x',
      'http://[fe80::1%25en0]/',
      'urn:a b',
      'a/b',
      '',
      '*',
      'http://u:p@h/?q#f',
      'ldap://h:389/x',
      'http:///x',
      '//h/x',
    ].map((text): [string, Buffer] => [`the URI ${JSON.stringify(text)}`, uri(text)]),
  ])('takes %s', (_, der) => {
    expect(goObjection(der)).toBeUndefined();
  });

  it.each<[string, Buffer]>([
    ['a fraction of a second', craft({ notAfter: generalizedTime('20350101000000.5Z') })],
    ['GeneralizedTime without seconds', craft({ notAfter: generalizedTime('203501010000Z') })],
    ['an offset of nothing that is not Z', craft({ notAfter: utcTime('350101000000+0000') })],
    ['a UTF8String that is not UTF-8', craft({ subject: [name(COMMON_NAME, Buffer.from([0x46, 0xff]))] })],
    ['a surrogate in a BMPString', craft({ subject: [name(COMMON_NAME, Buffer.from([0xd8, 0x00]), 0x1e)] })],
    ['a negative serial number', craft({ serial: [0x80] })],
    ['a serial number with a byte too many', craft({ serial: [0, 1] })],
    ['RSASSA-PSS in the signature of an unknown key', derIn('field/rsa-pss-key')],
    ['a point of P-256 whose x is not reduced', craft({ publicKey: pointOfP256(P256) })],
    ['a critical subjectKeyIdentifier', with_(extension('2.5.29.14', octets(Buffer.from('x')), true))],
    ['empty name constraints', with_(extension('2.5.29.30', sequence()))],
    [
      'an address constraint with a mask of holes',
      with_(
        extension(
          '2.5.29.30',
          sequence(element(0xa0, sequence(element(0x87, Buffer.from([10, 0, 0, 0, 255, 0, 255, 0]))))),
        ),
      ),
    ],
    ...[
      'http://a b/',
      'http://h/%zz',
      'http://h:8a/',
      'http://a..b/',
      'http://h./',
      'http://[1.2.3.4]/',
      'http://a:1:2/',
      ':x',
      '1a:b',
      'http://h\u0001/',
      'http://[::1',
      'http://%41/',
    ].map((text): [string, Buffer] => [`the URI ${JSON.stringify(text)}`, uri(text)]),
  ])('does not take %s', (_, der) => {
    expect(goObjection(der)).toMatch(/\w/);
  });

  it('is asked in little time for any certificate', () => {
    const many = (count: number, make: (index: number) => Buffer) =>
      Array.from({ length: count }, (_, index) => make(index));
    const hostile = [
      craft({ subject: many(3000, (index) => name(COMMON_NAME, `n${index}`, PRINTABLE)) }),
      with_(...many(3000, (index) => extension(`1.2.${index}`, octets(Buffer.alloc(4))))),
      with_(extension('2.5.29.32', sequence(...many(6000, (index) => sequence(oid(`1.2.${index}`)))))),
      uri(`http://${'a.'.repeat(40_000)}`),
      uri(`http://[${':'.repeat(80_000)}]/`),
      uri('%25'.repeat(30_000)),
      with_(extension('2.5.29.30', sequence(element(0xa0, sequence(element(0x81, `${'\\a'.repeat(40_000)}@`)))))),
      with_(extension('2.5.29.30', sequence(element(0xa0, sequence(element(0x81, `"${'\\"'.repeat(40_000)}`)))))),
      with_(extension('1.3', Buffer.alloc(0)), extension('1.2.3', Buffer.alloc(0), true)),
    ];
    for (const der of hostile) {
      const before = process.cpuUsage();
      goObjection(der);
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1000).toBeLessThan(100);
    }
  });
});
