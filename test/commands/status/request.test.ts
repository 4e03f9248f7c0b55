import { describe, expect, it } from '@jest/globals';
import { readStatusFlags, type StatusFlags } from '../../../src/commands/status/request.ts';

describe('what is asked about', () => {
  it.each<[string, string | undefined, StatusFlags, object]>([
    ['all objects of the namespace', undefined, {}, { kind: 'Namespace', namespace: undefined }],
    ['another namespace', undefined, { namespace: 'web' }, { kind: 'Namespace', namespace: 'web' }],
    ['one object', 'roots', { namespace: 'web' }, { kind: 'Object', namespace: 'web', name: 'roots' }],
    ['all namespaces', undefined, { allNamespaces: true }, { kind: 'Everywhere' }],
    ['one cluster', undefined, { cluster: 'prod' }, { kind: 'Cluster', cluster: 'prod' }],
  ])('is %s', (_, name, flags, scope) => {
    expect(readStatusFlags(name, flags)).toMatchObject({ ok: true, request: { scope } });
  });

  it('is one CertificateRotation, where the name begins with its kind', () => {
    for (const name of ['crot/own', 'certificaterotation/own', 'certificaterotations.aks-ca-trust.dev/own'])
      expect(readStatusFlags(name, {})).toMatchObject({
        request: { scope: { kind: 'Rotation', namespace: undefined, name: 'own' } },
      });
  });

  it('has presets for all that was not said', () => {
    const presets = {
      kubeconfig: undefined,
      context: undefined,
      output: 'text',
      certificates: false,
      watch: false,
      forever: false,
      patience: 300_000,
      timeout: Infinity,
    };
    expect(readStatusFlags(undefined, {})).toMatchObject({ ok: true, request: presets });
  });

  it('takes no patience at all, if asked to', () => {
    expect(readStatusFlags(undefined, { watch: true, patience: '0' })).toMatchObject({ request: { patience: 0 } });
  });

  it('is asked of the kubeconfig and context that were named', () => {
    const flags = { kubeconfig: 'mgmt.kc', context: 'mgmt' };
    expect(readStatusFlags(undefined, flags)).toMatchObject({ request: flags });
  });

  it('is watched for no longer than was said', () => {
    expect(readStatusFlags(undefined, { watch: true, timeout: '3h' })).toMatchObject({
      request: { timeout: 3 * 3_600_000 },
    });
  });

  it.each(['namespace', 'cluster', 'kubeconfig', 'context', 'output', 'patience', 'timeout'] as const)(
    'is refused with an empty --%s: an unset variable must not make a script wait for something else',
    (flag) => {
      expect(readStatusFlags(undefined, { watch: true, [flag]: '' })).toEqual({
        ok: false,
        faults: [`--${flag} is empty`],
      });
    },
  );

  it.each<[string, string | undefined, StatusFlags]>([
    ['--all-namespaces and --namespace exclude each other', undefined, { allNamespaces: true, namespace: 'a' }],
    ['--all-namespaces and the name of an object exclude each other', 'a', { allNamespaces: true }],
    ['--cluster and the name of an object exclude each other', 'a', { cluster: 'c' }],
    ['--cluster and --namespace exclude each other', undefined, { cluster: 'c', namespace: 'a' }],
    ['--cluster and --all-namespaces exclude each other', undefined, { cluster: 'c', allNamespaces: true }],
    ['"a/../secrets" is not the name of an object', 'b/a/../secrets', {}],
    ['"a..b" is not the name of an object', 'a..b', {}],
    ['"a.b" is not the name of a namespace', 'a.b/c', {}],
    ['web/a is not in the namespace other: leave --namespace out', 'web/a', { namespace: 'other' }],
    ['"a/b" is not the name of a namespace', undefined, { namespace: 'a/b' }],
    ['--output is "yaml"; it can be text or json', undefined, { output: 'yaml' }],
    ['--forever needs --watch', undefined, { forever: true }],
    ['--patience needs --watch', undefined, { patience: '5m' }],
    ['--timeout needs --watch', undefined, { timeout: '5m' }],
    [
      '--timeout is "0"; a duration looks like 15s, 10m or 1h, is at most 24h, and is not 0',
      undefined,
      { watch: true, timeout: '0' },
    ],
    ['"" is not the name of an object', '', {}],
    [
      '--patience is "5"; a duration looks like 15s, 10m or 1h, is at most 24h, and can be 0',
      undefined,
      { watch: true, patience: '5' },
    ],
  ])('is refused: %s', (fault, name, flags) => {
    expect(readStatusFlags(name, flags)).toEqual({ ok: false, faults: [fault] });
  });

  it.each([
    ['a', undefined],
    ['cct/a', undefined],
    ['customcatrust.aks-ca-trust.dev/a', undefined],
    ['web/a', 'web'],
  ])('takes the name of an object as people have it: %s', (typed, namespace) => {
    expect(readStatusFlags(typed, {})).toMatchObject({
      ok: true,
      request: { scope: { kind: 'Object', namespace, name: 'a' } },
    });
  });
});
