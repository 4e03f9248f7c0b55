import { describe, expect, it } from '@jest/globals';
import { readUserKubeconfig } from '../../src/azure/cluster-credentials.ts';
import { InvalidAnswerError } from '../../src/azure/cluster-model.ts';

const SECRET = 'c2VjcmV0LXRleHQ=';

describe('the answer to listClusterUserCredential', () => {
  it('holds the kubeconfig in base64', () => {
    const answer = {
      kubeconfigs: [
        { name: 'clusterUser', value: SECRET },
        { name: 'other', value: 'eA==' },
      ],
    };
    expect(readUserKubeconfig(JSON.stringify(answer))).toBe('secret-text');
  });

  it.each([
    ['HTML', '<html>secret-text</html>'],
    ['nothing', ''],
    ['no list', JSON.stringify({ kubeconfigs: SECRET })],
    ['an empty list', JSON.stringify({ kubeconfigs: [] })],
    ['an entry that is null', JSON.stringify({ kubeconfigs: [null] })],
    ['an entry without a value', JSON.stringify({ kubeconfigs: [{ name: 'clusterUser' }] })],
    ['an empty value', JSON.stringify({ kubeconfigs: [{ value: '' }] })],
    ['a value that is no base64', JSON.stringify({ kubeconfigs: [{ value: 'secret-text: {}' }] })],
    ['a value of a megabyte', JSON.stringify({ kubeconfigs: [{ value: 'QUFB'.repeat(300_000) }] })],
    ['what was cut off', `{"kubeconfigs":[{"value":"${SECRET}`],
  ])('with %s is no answer, and is not quoted', (_what, text) => {
    expect(() => readUserKubeconfig(text)).toThrow(InvalidAnswerError);
    expect(() => readUserKubeconfig(text)).not.toThrow(/secret|c2Vj/);
  });
});
