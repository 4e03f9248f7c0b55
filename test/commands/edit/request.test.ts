import { describe, expect, it } from '@jest/globals';
import { readEditFlags } from '../../../src/commands/edit/request.ts';

describe('the object that is to be changed', () => {
  it.each([
    ['roots', 'CustomCATrust', 'roots', undefined],
    ['web/roots', 'CustomCATrust', 'roots', 'web'],
    ['cct/roots', 'CustomCATrust', 'roots', undefined],
    ['crot/own', 'CertificateRotation', 'own', undefined],
    ['certificaterotation/own', 'CertificateRotation', 'own', undefined],
    ['certificaterotations.aks-ca-trust.dev/own', 'CertificateRotation', 'own', undefined],
  ])('is for %s a %s', (argument, kind, name, namespace) => {
    expect(readEditFlags('Suspend', argument, {})).toMatchObject({ ok: true, request: { kind, name, namespace } });
  });

  it('may be waited for, whatever its kind is', () => {
    for (const name of ['roots', 'crot/own'])
      expect(readEditFlags('Reconcile', name, { wait: true })).toMatchObject({ ok: true, request: { wait: true } });
  });
});
