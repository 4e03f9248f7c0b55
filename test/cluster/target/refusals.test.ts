import { describe, expect, it } from '@jest/globals';
import { findRefusals, selects } from '../../../src/cluster/target/refusals.ts';
import { KubernetesError, type Connection } from '../../../src/kubernetes/connection.ts';

const SIGNAL = new AbortController().signal;
const LABELS = { app: 'web', tier: 'front' };

describe('a selector', () => {
  it.each<[Parameters<typeof selects>[0], boolean]>([
    [{}, true],
    [null, false],
    [undefined, false],
    [{ matchLabels: { app: 'web' } }, true],
    [{ matchLabels: { app: 'web', tier: 'back' } }, false],
    [{ matchExpressions: [{ key: 'app', operator: 'In', values: ['api', 'web'] }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'In', values: ['api'] }] }, false],
    [{ matchExpressions: [{ key: 'none', operator: 'In', values: ['web'] }] }, false],
    [{ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] }, false],
    [{ matchExpressions: [{ key: 'none', operator: 'NotIn', values: ['web'] }] }, true],
    [{ matchExpressions: [{ key: 'tier', operator: 'Exists' }] }, true],
    [{ matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }, false],
    [{ matchExpressions: [{ key: 'none', operator: 'DoesNotExist' }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'Unheard' }] }, false],
    [{ matchLabels: { app: 'web' }, matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }, false],
  ])('%j: %s', (selector, matches) => {
    expect(selects(selector, LABELS)).toBe(matches);
  });
});

/** Answers as an API server with one pod and some budgets; `refuses` says what may not be read. */
function server(refuses: (path: string) => number | undefined = () => undefined) {
  const asked: string[] = [];
  const budget = (name: string, app: string, disruptionsAllowed: number) => ({
    metadata: { name },
    spec: { selector: { matchLabels: { app } } },
    status: { disruptionsAllowed },
  });
  const connection: Pick<Connection, 'request'> = {
    async request({ path }) {
      asked.push(path);
      const status = refuses(path);
      if (status !== undefined) throw new KubernetesError(status, 'Refused', 'm');
      if (path.endsWith('/poddisruptionbudgets'))
        return { items: [budget('tight', 'web', 0), budget('loose', 'web', 1), budget('other', 'api', 0)] };
      if (path.endsWith('/pods/web-1')) return { metadata: { name: 'web-1', labels: LABELS } };
      throw new KubernetesError(404, 'NotFound', 'not found');
    },
  };
  const find = (pods: readonly string[]) => findRefusals(connection as Connection, pods, SIGNAL);
  return { asked, find };
}

describe('who refuses', () => {
  it('is each budget that selects the pod and allows nothing', async () => {
    expect([...(await server().find(['web/web-1']))]).toEqual([['web/web-1', ['web/tight']]]);
  });

  it('is nobody of a pod that is gone, and is not asked twice, nor of many', async () => {
    const { find, asked } = server();
    const pods = ['web/gone', 'web/gone', 'no-namespace', ...Array.from({ length: 20 }, (_, pod) => `z/pod-${pod}`)];
    const gone = ['web/gone', 'z/pod-0', 'z/pod-1', 'z/pod-2'].map((pod) => [pod, []]);
    expect([...(await find(pods))]).toEqual(gone);
    expect(asked.filter((path) => path.endsWith('/gone'))).toHaveLength(1);
    expect(asked.length).toBeLessThanOrEqual(5);
  });

  it.each(['/pods/', '/poddisruptionbudgets'])('is not known where %s may not be read', async (part) => {
    expect([...(await server((path) => (path.includes(part) ? 403 : undefined)).find(['web/web-1']))]).toEqual([]);
  });
});
