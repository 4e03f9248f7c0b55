import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { readPrometheusFlags, type PrometheusFlags } from '../../../src/commands/certs/prometheus-request.ts';

const AZURE = 'https://metrics-a1b2.westeurope.prometheus.monitor.azure.com';
const NONE = { url: undefined, matchers: undefined, tokenFile: undefined };

function read(flags: Partial<PrometheusFlags>, target: 'Cluster' | 'File' | 'Object' = 'Cluster') {
  const faults: string[] = [];
  const source = readPrometheusFlags({ ...NONE, ...flags }, target, faults);
  return faults.length > 0 ? faults.join('; ') : source;
}

describe('the Prometheus of the flags', () => {
  it('is none without a URL', () => {
    expect(read({})).toBeUndefined();
  });

  it.each<[string, Partial<PrometheusFlags>, object]>([
    ['asked without a token', { url: 'https://prometheus.example' }, { auth: 'none', matchers: '' }],
    ['one behind kubectl port-forward', { url: 'http://localhost:9090/prometheus' }, { auth: 'none' }],
    [
      'asked with the token of a file',
      { url: 'https://prometheus.example', tokenFile: 'token' },
      { auth: 'bearerToken', bearerTokenFile: resolve('token') },
    ],
    ['an Azure Monitor workspace, asked with a sign-in', { url: AZURE }, { auth: 'azure', url: AZURE }],
    [
      'asked for the series of one cluster',
      { url: 'https://prometheus.example', matchers: 'cluster="{cluster}"' },
      { matchers: 'cluster="{cluster}"' },
    ],
  ])('is %s', (_, flags, source) => {
    expect(read(flags)).toMatchObject(source);
  });

  it.each<[string, Partial<PrometheusFlags>, 'Cluster' | 'File' | 'Object', RegExp]>([
    ['matchers alone', { matchers: 'a="b"' }, 'Cluster', /^--prometheus-matchers needs --prometheus-url$/],
    ['a token alone', { tokenFile: 't' }, 'Cluster', /^--prometheus-token-file needs --prometheus-url$/],
    ['plain HTTP over a network', { url: 'http://prometheus.example' }, 'Cluster', /must begin with https/],
    [
      'a token in the clear',
      { url: 'http://prometheus.monitoring.svc', tokenFile: 't' },
      'Cluster',
      /a token is not sent in the clear/,
    ],
    ['a password in the URL', { url: 'https://me:secret@prometheus.example' }, 'Cluster', /must have no user name/],
    ['another protocol', { url: 'file:///etc/passwd' }, 'Cluster', /must be a URL that begins with https/],
    ['a query in the URL', { url: 'https://prometheus.example/?a=b' }, 'Cluster', /must end with its path/],
    [
      'what is no matcher',
      { url: 'https://prometheus.example', matchers: '} or vector(1)' },
      'Cluster',
      /^--prometheus-matchers: This must be label matchers/,
    ],
    [
      'another metric',
      { url: 'https://prometheus.example', matchers: '__name__="up"' },
      'Cluster',
      /must not name a metric/,
    ],
    ['a token for Azure Monitor', { url: AZURE, tokenFile: 't' }, 'Cluster', /is not for an Azure Monitor workspace/],
    ['a workspace without a sign-in', { url: AZURE }, 'File', /give the resource id of the cluster too/],
    [
      'a name that is not known',
      { url: 'https://prometheus.example', matchers: 'cluster="{cluster}"' },
      'File',
      /write its name instead/,
    ],
    ['what the controller has read', { url: 'https://prometheus.example' }, 'Object', /what its policy file names$/],
  ])('is refused: %s', (_, flags, target, fault) => {
    const found = read(flags, target);
    expect(found).toMatch(fault);
    expect(found).not.toMatch(/secret/);
  });
});
