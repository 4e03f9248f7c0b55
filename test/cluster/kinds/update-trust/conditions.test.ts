import { describe, expect, it } from '@jest/globals';
import type { TrustIntent } from '../../../../src/cluster/model/intent.ts';
import type { RecordStatus } from '../../../../src/cluster/model/record.ts';
import { BAD_PEM, element, intent, observe, slot } from '../../../harness/build.ts';
import { judge } from '../../../harness/judge.ts';

const ours = (...roots: number[]): RecordStatus => ({ slots: roots.map((one) => slot(one, 'team/a/ca')) });
const ten = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

describe('CertificatesValid', () => {
  const says = (one: TrustIntent) => judge(observe({ intents: [one] })).says('a', 'CertificatesValid');

  it.each([
    [intent('a', [0, 1]), 'All 2 certificates can be read.'],
    [intent('a', [0]), 'The certificate can be read.'],
    [intent('a', []), 'The object wants no certificate.'],
  ])('is True when every certificate can be read (%#)', (one, message) => {
    expect(says(one)).toEqual({ status: 'True', reason: 'Valid', message });
  });

  it('names entry, certificate, line and fix of a certificate that cannot be read', () => {
    const message = says(intent('a', { good: [0], proxy: `${atob(element(1))}\n${BAD_PEM}` }))?.message;
    expect(message).toMatch(/^Certificate 1 of entry "proxy" \(line \d+\): .+: .+$/);
  });

  it('spells three problems out and counts the others', () => {
    const bad = Object.fromEntries(['p', 'q', 'r', 's', 't'].map((name) => [name, BAD_PEM]));
    const message = says(intent('a', bad))?.message ?? '';
    expect(message.match(/of entry/g)).toHaveLength(3);
    expect(message).toMatch(/; and 2 more$/);
  });

  it.each([
    ['Invalid', intent('a', { ca: [0], bad: BAD_PEM })],
    ['PartiallyInvalid', intent('a', { ca: [0], bad: BAD_PEM }, { invalidCertificates: 'Skip' })],
    ['Invalid', intent('a', { bad: BAD_PEM }, { invalidCertificates: 'Skip' })],
  ])('is False: %s (%#)', (reason, one) => {
    expect(says(one)).toMatchObject({ status: 'False', reason });
  });

  it('never quotes a private key', () => {
    const key = '-----BEGIN PRIVATE KEY-----\nc2VjcmV0c2VjcmV0\n-----END PRIVATE KEY-----\n';
    const { status } = judge(observe({ intents: [intent('a', { ca: key })] }));
    expect(JSON.stringify(status('a'))).not.toContain('c2VjcmV0');
  });
});

describe('WithinCertificateLimit', () => {
  it('is True for an object that fits', () => {
    const { says } = judge(observe({ intents: [intent('a', ten)] }));
    expect(says('a', 'WithinCertificateLimit')).toMatchObject({ status: 'True', reason: 'Fits' });
  });

  it('is short however many objects use the slots, counts a shared certificate once, and says what to do', () => {
    const many = Array.from({ length: 64 }, (_, index) => [`entry-${'x'.repeat(50)}-${index}`, [20, 21]] as const);
    const others = Array.from({ length: 40 }, (_, index) => intent(`other-${index}`, [0]));
    const namedBy = others.map(({ name }) => `${name}/ca`);
    const record = { slots: [slot(0, ...namedBy), ...ten.slice(1).map((one) => slot(one, 'team/a/ca'))] };
    const intents = [...others, intent('a', ten.slice(1)), intent('b', Object.fromEntries(many))];
    const { says } = judge(observe({ intents, record, elements: ten.map((one) => element(one)) }));
    const { reason, message = '' } = says('b', 'WithinCertificateLimit') ?? {};
    expect(reason).toBe('LimitExceeded');
    expect(message.length).toBeLessThan(2000);
    expect(message).toContain('and 118 more)');
    expect(message).toContain('Slots in use: team/a 9, shared by several objects 1. ');
    expect(message).toMatch(/ Remove certificates from this object or from another one\.$/);
  });

  it('says how many of how many, which do not fit, and which objects use the slots of the list', () => {
    const record = { slots: [...ten.slice(0, 8).map((one) => slot(one, 'team/a/ca')), slot(8)] };
    const intents = [intent('a', ten.slice(0, 8)), intent('b', { x: [9], y: [10] })];
    const list = ten.slice(0, 9).map((one) => element(one));
    const { says } = judge(observe({ intents, record, elements: list }));
    expect(says('b', 'WithinCertificateLimit')).toEqual({
      status: 'False',
      reason: 'LimitExceeded',
      message:
        '11 certificates, limit 10: 2 of this object do not fit, so none of them was added (x[0], y[0]). Slots in use: team/a 8, named by no object 1. Remove certificates from this object or from another one.',
    });
  });

  it('counts the slots of certificates that come in the same write, and not of those that leave in it', () => {
    const intents = [intent('a', ten.slice(1, 10)), intent('b', [10, 11])];
    const { says } = judge(observe({ intents, record: ours(0), elements: [element(0)] }));
    expect(says('b', 'WithinCertificateLimit')?.message).toMatch(
      /^11 certificates, limit 10: 2 of this object .* in use: team\/a 9\. /,
    );
  });

  it('counts an element with several certificates once, however many objects name one of them', () => {
    const contains = [slot(0, 'team/a/ca'), slot(1, 'team/c/ca')];
    const record = {
      slots: [
        { opaque: true, digest: 'd', contains },
        { opaque: true, digest: 'e' },
      ],
    };
    const intents = [intent('a', [0]), intent('b', ten.slice(2).concat(10)), intent('c', [1])];
    const { says } = judge(observe({ intents, record, elements: [element(0, 1), element()] }));
    expect(says('b', 'WithinCertificateLimit')?.message).toContain(
      'Slots in use: shared by several objects 1, named by no object 1.',
    );
  });

  it('tells an object with more than ten of its own', () => {
    const { says } = judge(observe({ intents: [intent('a', [...ten, 10, 11])] }));
    expect(says('a', 'WithinCertificateLimit')?.message).toMatch(
      /^12 certificates, limit 10: 12 of this object .* This object alone has 12 certificates, which can never fit\. Remove /,
    );
  });

  it('holds Ready of this object alone', () => {
    const record = ours(...ten);
    const { says } = judge(
      observe({ intents: [intent('a', ten), intent('b', [10])], record, elements: ten.map((one) => element(one)) }),
    );
    expect([says('a', 'Ready')?.reason, says('b', 'Ready')?.reason]).toEqual(['Trusted', 'LimitExceeded']);
    expect(says('b', 'Stalled')?.reason).toBe('LimitExceeded');
  });
});
