import { rootCertificates } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { readAzureKubeconfig } from '../../../src/cluster/node-access/azure-kubeconfig.ts';
import { readKubeconfigData } from '../../../src/kubernetes/auth/kubeconfig-data.ts';
import { readPolicy } from '../../../src/policy/read-policy.ts';
import { spoilt } from '../../hostile-values.ts';

const kubeconfig = (user: object) => ({
  apiVersion: 'v1',
  kind: 'Config',
  'current-context': 'c',
  contexts: [{ name: 'c', context: { cluster: 'k', user: 'u', namespace: 'n' } }],
  clusters: [
    {
      name: 'k',
      cluster: {
        server: 'https://prod.hcp.westeurope.azmk8s.io:443',
        'certificate-authority-data': btoa(`${rootCertificates[0]}\n`),
        'tls-server-name': 'prod',
      },
    },
  ],
  users: [{ name: 'u', user }],
});
const EXEC = {
  exec: {
    command: 'kubelogin',
    args: [
      'get-token',
      '--server-id',
      '6dae42f8-4368-4678-94ff-3960e28e3630',
      '--tenant-id',
      '00000000-0000-0000-0000-000000000001',
    ],
  },
};
const TOKEN = { current: () => Promise.resolve('t'), distrust: () => {} };

describe('a kubeconfig with one thing wrong', () => {
  it('is read or refused in words, and sends its token where it says', () => {
    for (const { what, json } of spoilt(kubeconfig({ token: 'secret-token' }))) {
      const reading = readKubeconfigData(json);
      if (reading.ok)
        expect({ what, server: reading.credentials.server }).toEqual({
          what,
          server: expect.stringMatching(/^https:\/\/[!-~]{1,2048}$/),
        });
      else {
        expect({ what, said: reading.message }).toEqual({ what, said: expect.stringMatching(/^[ -~]{5,400}$/) });
        expect(reading.message).not.toContain('secret-token');
      }
    }
  });

  it('of ARM gets a token of ours only for an API server of AKS', () => {
    for (const { what, json } of spoilt(kubeconfig(EXEC))) {
      const reading = readAzureKubeconfig(json, TOKEN, ['azmk8s.io']);
      if (!reading.ok)
        expect({ what, said: reading.message }).toEqual({ what, said: expect.stringMatching(/^[ -~]{5,400}$/) });
      else if (reading.signIn === 'Entra')
        expect({ what, server: reading.credentials.server }).toEqual({
          what,
          server: expect.stringMatching(/^https:\/\/prod\.hcp\.westeurope\.azmk8s\.io$/),
        });
    }
  });
});

describe('a policy file with one thing wrong', () => {
  const cluster = '/subscriptions/*/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/*';
  const good = {
    rules: [{ namespaces: ['team-*'], clusters: [cluster], nodeAccess: ['azure'], verify: ['pull'], adopt: true }],
    nodeAccess: [{ clusters: [cluster], kubeconfigSecretRef: { name: 'n', key: 'value' } }],
  };

  it('is read or refused with its line, and answers any question', () => {
    for (const { what, json } of spoilt(good)) {
      const reading = readPolicy(json);
      if (reading.ok) {
        expect(reading.policy.grants('team-a', cluster.replaceAll('*', 'x')).target).toEqual(expect.any(Boolean));
        expect(reading.policy.grants('__proto__', 'constructor').target).toEqual(expect.any(Boolean));
      } else
        expect({ what, said: reading.message }).toEqual({
          what,
          said: expect.stringMatching(/^(?:Line \d+: )?[ -~]{5,600}$/),
        });
    }
  });
});
