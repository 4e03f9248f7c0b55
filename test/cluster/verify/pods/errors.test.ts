import { describe, expect, it } from '@jest/globals';
import { isRefusal, troubleOf } from '../../../../src/cluster/verify/pods/errors.ts';
import { KubernetesError } from '../../../../src/kubernetes/client/connection.ts';

const refused = (status: number, message: string) => new KubernetesError(status, '', message);

describe('what a target cluster says no with', () => {
  it.each<[string, KubernetesError, string, boolean]>([
    [
      'a missing right to make pods',
      refused(403, 'pods is forbidden: User "x" cannot create resource "pods"'),
      'AccessDenied',
      true,
    ],
    ['a missing namespace', refused(404, 'namespaces "proofs" not found'), 'NamespaceNotFound', true],
    ['a webhook that says 404', refused(404, 'admission webhook "w" denied the request: gone'), 'PodsRefused', true],
    ['a quota', refused(403, 'pods "a" is forbidden: exceeded quota: q'), 'PodsRefused', true],
    [
      'a namespace that ends',
      refused(403, 'pods "a" is forbidden: unable to create new content in namespace proofs'),
      'PodsRefused',
      true,
    ],
    ['a pod that is not valid', refused(422, 'Pod "a" is invalid'), 'PodsRefused', true],
    ['credentials that have ended', refused(401, 'Unauthorized'), 'TargetUnreachable', false],
    ['a race of two for one quota', refused(409, 'Operation cannot be fulfilled'), 'TargetUnreachable', false],
    ['too many requests', refused(429, 'later'), 'TargetUnreachable', false],
    ['a webhook that is down', refused(500, 'failed calling webhook "w"'), 'TargetUnreachable', false],
    ['no answer', refused(0, 'no answer within 30000 ms'), 'TargetUnreachable', false],
  ])('%s', (_, error, reason, lasts) => {
    expect([troubleOf(error, 'proofs').reason, isRefusal(error)]).toEqual([reason, lasts]);
    expect(troubleOf(error, 'proofs').message).toContain(error.message);
  });

  it('names the role that is missing: of the pods, or of the nodes', () => {
    const pods = troubleOf(refused(403, 'User "x" cannot list resource "pods" in API group ""'), 'proofs');
    expect(pods.message).toContain('verify-role.yaml');
    const first = refused(403, 'nodes is forbidden: User "x" cannot list resource "nodes"');
    const mended = new KubernetesError(403, '', `${first.message}; Bind the ClusterRole of deploy/target-cluster`, {
      cause: first,
    });
    const nodes = troubleOf(mended, 'proofs');
    expect([nodes.reason, nodes.message]).toEqual(['AccessDenied', mended.message]);
  });

  it('is shown in part, and without what could move a cursor', () => {
    for (const error of [
      refused(403, `\u001b[2J${'x'.repeat(100_000)}`),
      new SyntaxError(`bad \u001b ${'x'.repeat(9000)}`),
    ]) {
      const { message } = troubleOf(error, 'proofs');
      expect(message).toContain('\\u{1b}');
      expect(message.length).toBeLessThan(1000);
    }
  });
});
