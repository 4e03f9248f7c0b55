import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { apiPath } from '../../../src/api/paths.ts';
import { pathProblem } from '../../../src/kubernetes/client/request-path.ts';

const SRC = join(import.meta.dirname, '../../../src');
const pathOf = (name: string) => apiPath('/api/v1', 'namespaces', 'team', 'secrets', name);

describe('a path of the API', () => {
  it('is made of its names, in their order', () => {
    expect(pathOf('nodes')).toBe('/api/v1/namespaces/team/secrets/nodes');
    expect(apiPath('/apis/aks-ca-trust.dev/v1alpha1', 'targetclusters')).toBe(
      '/apis/aks-ca-trust.dev/v1alpha1/targetclusters',
    );
  });

  it.each([
    ['a blank', 'a b', '/a%20b'],
    ['a character beyond Latin 1', 'p0€', '/p0%E2%82%AC'],
    ['a query', 'a?watch=1', '/a%3Fwatch%3D1'],
    ['a fragment', 'a#b', '/a%23b'],
    ['a percent sign', 'a%2fb', '/a%252fb'],
    ['half of a surrogate pair', 'a\ud800', '/a%EF%BF%BD'],
  ])('percent-encodes %s in a name, and may be sent', (_what, name, end) => {
    const path = pathOf(name);
    expect(path.endsWith(end)).toBe(true);
    expect(pathProblem(path)).toBeUndefined();
  });

  it.each([
    ['an empty name, which would list the collection', '', /empty/],
    ['the folder itself', '.', /"\."/],
    ['the folder above', '..', /"\.\."/],
    ['a slash', '../pods', /slash/],
    ['a backslash', 'a\\b', /backslash/],
    ['a control', 'a\nb', /control/],
    ['a NUL', 'a\0', /control/],
  ])('is refused when a name is or has %s', (_what, name, problem) => {
    expect(pathProblem(pathOf(name))).toMatch(problem);
  });

  it.each([
    ['/api/v1/namespaces/a b', /not percent-encoded/],
    ['/api/v1/p0€', /not percent-encoded/],
    ['/api/v1/\u007f', /not percent-encoded/],
    ['api/v1', /begin with a slash/],
    ['/api//v1', /empty/],
    ['/api/v1/', /empty/],
    ['/api/%2e%2E/v1', /"\.\."/],
    ['/api/%2fv1', /slash/],
    ['/api/%5cv1', /backslash/],
    ['/api/%zz', /percent-encoding is broken/],
    ['/api/%ff', /percent-encoding is broken/],
    ['/api/v1?limit=1', /"\?"/],
    [`/${'a'.repeat(5000)}`, /longer than/],
  ])('is refused when it was made otherwise: %j', (path, problem) => {
    expect(pathProblem(path)).toMatch(problem);
  });

  it('never leaves its position, for any name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const path = pathOf(name);
        if (pathProblem(path) !== undefined) return;
        const { pathname, search, hash } = new URL(path, 'https://server');
        expect([pathname, search, hash]).toEqual([path, '', '']);
        expect(decodeURIComponent(path.split('/').at(-1) ?? '')).toBe(name.toWellFormed());
      }),
    );
  });

  it('is made by apiPath alone: no file of src puts a name into a path by hand', () => {
    const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const byHand = files.filter((file) =>
      /[`/](namespaces|nodes|pods|secrets|leases)\/\$\{/.test(readFileSync(join(SRC, file), 'utf8')),
    );
    expect(byHand).toEqual([]);
  });
});
