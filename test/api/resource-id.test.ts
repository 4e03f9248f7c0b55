import { describe, expect, it } from '@jest/globals';
import { parseClusterId, recordName, wirePath } from '../../src/api/resource-id.ts';
import { CORPUS } from '../corpus.ts';

const idIn = (group: string, name = 'c') =>
  `/subscriptions/s/resourceGroups/${group}/providers/Microsoft.ContainerService/managedClusters/${name}`;

describe('a resource id', () => {
  it.each(CORPUS.ids)('$id is read, compared without case, and sent as a path', ({ resourceId }) => {
    const id = parseClusterId(resourceId)!;
    expect(id.resourceGroup).toBe(resourceId.split('/')[4]);
    expect(parseClusterId(resourceId.toUpperCase())?.key).toBe(id.key);
    expect(new URL(wirePath(id), 'https://arm.example').pathname).toBe(wirePath(id));
    expect(decodeURIComponent(wirePath(id))).toBe(resourceId);
    expect(wirePath(id)).toMatch(/^[\x21-\x7e]+$/);
    expect(recordName(id)).toMatch(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
  });

  it.each([
    ['ringe', 'RINGE', true],
    ['\u00e5', '\u00c5', true],
    ['οδοσ', 'ΟΔΟΣ', true],
    ['οδος', 'ΟΔΟΣ', true],
    ['kube', '\u212aube', false],
    ['\u00e5', '\u212b', false],
    ['\u03c9', '\u2126', false],
    ['stra\u00dfe', 'stra\u1e9ee', false],
    ['i', '\u0130', false],
    ['\u0149', '\u02bcn', false],
  ])('of group %s is that of group %s: %s', (one, other, same) => {
    const [a, b] = [parseClusterId(idIn(one))!, parseClusterId(idIn(other))!];
    expect(a.key === b.key).toBe(same);
    expect(recordName(a) === recordName(b)).toBe(same);
    for (const { key } of [a, b]) expect(parseClusterId(key)?.key).toBe(key);
  });

  it.each(['.', '..', 'a.', 'a..'])('with the group or the name %s is none: its path would be another', (part) => {
    expect(parseClusterId(idIn(part))).toBeUndefined();
    expect(parseClusterId(idIn('rg', part))).toBeUndefined();
  });

  it.each(['a?b', 'a#b', 'a b', 'a%2fb', '\ud800'])('never changes what path is asked for: %j', (group) => {
    const id = parseClusterId(idIn(group))!;
    const url = new URL(wirePath(id), 'https://arm.example');
    expect([url.search, url.hash]).toEqual(['', '']);
    expect(url.pathname.split('/')).toHaveLength(9);
  });
});
