import { describe, expect, it } from '@jest/globals';
import { troubleOf } from '../../../src/commands/client/errors.ts';
import { KubernetesError } from '../../../src/kubernetes/error.ts';

const SERVER = 'https://mgmt.example.com';

describe('the message about an API server that gave no answer', () => {
  it.each([
    [
      'a kubeconfig whose certificate is not PEM',
      'ERR_OSSL_PEM_NO_START_LINE',
      'The certificate, key or CA that the kubeconfig has for https://mgmt.example.com is not PEM: GET /: why',
    ],
    ['a server that is away', 'ECONNREFUSED', 'The API server https://mgmt.example.com does not answer: GET /: why'],
    ['a credential plugin that failed', 'NoCredentials', 'GET /: why'],
  ])('says where the fault is, for %s', (_, reason, said) => {
    expect(troubleOf(new KubernetesError(0, reason, 'GET /: why'), SERVER)).toBe(said);
  });
});
