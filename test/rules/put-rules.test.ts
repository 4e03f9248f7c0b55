import { describe, expect, it } from '@jest/globals';
import { POOL } from './certificates.ts';
import { differenceOf, faultsOfList, faultsOfRepeat, faultsOfText } from './put-rules.ts';

const [a, b, c] = POOL.map(({ element }) => element) as [string, string, string];
const [pemA, pemB] = POOL.map(({ pem }) => pem) as [string, string];
const [ofA, ofB] = POOL.map(({ fingerprint }) => fingerprint) as [string, string];
const two = btoa(pemA + pemB);
const odd = btoa('left by another team');

function text({ list = '[]', state = 'Succeeded', pool = 'Succeeded', power = 'Running', eTag = '"eTag":"e1",' } = {}) {
  return `{${eTag}"properties":{"provisioningState":"${state}","powerState":{"code":"${power}"},"agentPoolProfiles":[{"provisioningState":"${pool}"}],"odd":1.50,"securityProfile":{"customCATrustCertificates":${list}}}}`;
}

describe('the rules of a text that is sent', () => {
  it.each([
    ['to the version that was read', text(), 'e1'],
    ['with the quotes of HTTP', text(), '"e1"'],
    ['to any version of a cluster without eTags', text({ eTag: '' }), '*'],
    ['after an operation that failed', text({ state: 'Failed' }), 'e1'],
    ['after a pool was canceled', text({ pool: 'Canceled' }), 'e1'],
  ])('let a list be sent %s', (_, read, ifMatch) => {
    expect(faultsOfText({ read, sent: read.replace('[]', `["${a}"]`), ifMatch })).toEqual([]);
  });

  it.each([
    ['a cluster at work: Updating, Succeeded', text({ state: 'Updating' }), text({ state: 'Updating' }), 'e1'],
    ['a cluster at work: Succeeded, Upgrading', text({ pool: 'Upgrading' }), text({ pool: 'Upgrading' }), 'e1'],
    ['the cluster is stopped', text({ power: 'Stopped' }), text({ power: 'Stopped' }), 'e1'],
    ['If-Match is e2, and e1 was read', text(), text(), 'e2'],
    ['If-Match is *, and e1 was read', text(), text(), '*'],
    ['If-Match is undefined, and e1 was read', text(), text(), undefined],
    ['it changes more than the list', text(), text().replace('1.50', '1.5'), 'e1'],
  ])('find: %s', (fault, read, sent, ifMatch) => {
    expect(faultsOfText({ read, sent, ifMatch })).toEqual([expect.stringContaining(fault)]);
  });
});

describe('the rules of a list', () => {
  it.each([
    ['adds one', [a, odd], [a, odd, b]],
    ['removes one', [a, odd, b], [odd, b]],
    ['takes one certificate out of an element of two', [two, c], [b, c]],
    ['keeps what another client put in twice', [a, a], [a, a, b]],
    ['keeps twelve elements of another client', Array<string>(12).fill(odd), Array<string>(12).fill(odd)],
  ])('let one that %s', (_, before, after) => {
    expect(faultsOfList(before, after)).toEqual([]);
  });

  it.each([
    ['an element that stays loses its bytes or its order', [a, b], [b, a]],
    ['an element that stays loses its bytes or its order', [odd, a], [a]],
    ['a new element is not one certificate in canonical PEM', [], [two]],
    ['a new element is not one certificate in canonical PEM', [a], [a, odd]],
    ['a certificate is in it twice', [], [a, a]],
    ['a certificate is in it twice', [a], [a, a]],
    ['11 elements', POOL.slice(0, 9).map(({ element }) => element), POOL.slice(0, 11).map(({ element }) => element)],
  ])('find: %s', (fault, before, after) => {
    expect(faultsOfList(before, after)).toContain(fault);
  });

  it('find one that is sent again where nothing had failed', () => {
    const none = differenceOf([a], [a]);
    expect(faultsOfRepeat(none, text())).toEqual(['it has no difference, and nothing had failed']);
    expect(faultsOfRepeat(none, text({ state: 'Failed' }))).toEqual([]);
    expect(faultsOfRepeat(differenceOf([a], [a, b]), text())).toEqual([]);
  });

  it('say which certificates come and go', () => {
    expect(differenceOf([two], [b, c])).toEqual({ come: new Set([POOL[2]?.fingerprint]), gone: new Set([ofA]) });
    expect(differenceOf([], [two])).toEqual({ come: new Set([ofA, ofB]), gone: new Set() });
  });
});
