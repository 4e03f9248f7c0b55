import { describe, expect, it } from '@jest/globals';
import { createVerifyPod, listVerifyPods } from '../../../../src/cluster/verify/pods/client.ts';
import { alterationOf } from '../../../../src/cluster/verify/pod-tampering.ts';
import { judgePod } from '../../../../src/cluster/verify/judge-pod.ts';
import { KEY_LABEL, NODE_UID, OBJECT_LABEL } from '../../../../src/cluster/verify/types.ts';
import { KubernetesError, type Connection } from '../../../../src/kubernetes/client/connection.ts';
import { oddTextsIn, spoilt } from '../../../hostile-values.ts';
import { at, HOUR, node, START } from '../../../harness/build.ts';
import { wantedVerification } from '../build.ts';

const CALM = new AbortController().signal;
const POD = {
  metadata: {
    name: 'verify-a',
    uid: 'u',
    creationTimestamp: at(START),
    labels: { [OBJECT_LABEL]: 'o', [KEY_LABEL]: 'k' },
    annotations: { [NODE_UID]: 'n' },
  },
  spec: {
    nodeName: 'a',
    containers: [{ name: 'verify', image: 'i', imagePullPolicy: 'Always', command: ['x'] }],
    volumes: [{ name: 'trust-store', hostPath: { path: '/x' } }],
  },
  status: {
    phase: 'Pending',
    reason: 'R',
    message: 'm',
    containerStatuses: [
      { name: 'verify', state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "i"' } } },
    ],
  },
};
const EVENTS = { items: [{ message: 'Failed to pull image "i": x509: certificate signed by unknown authority' }] };

function connectionTo(pods: unknown, events: unknown): Connection {
  return {
    server: '',
    request: async ({ method, path }) => {
      if (path.endsWith('/events')) return events;
      return method === 'POST' ? pods : { metadata: { resourceVersion: '1' }, items: [pods] };
    },
    stream: () => Promise.reject(new Error('no watches')),
    close: async () => {},
    lastResponseDate: START,
  };
}

describe('a pod with one thing wrong', () => {
  it('is judged in safe words, or is none of ours', async () => {
    const wanted = wantedVerification();
    for (const { what, json } of spoilt({ pod: POD, events: EVENTS })) {
      const { pod, events } = JSON.parse(json) as { pod: unknown; events: unknown };
      const views = await listVerifyPods(connectionTo(pod, events), 'proofs', CALM);
      expect({ what, size: JSON.stringify(views).length < 60_000 }).toEqual({ what, size: true });
      for (const view of views) {
        const results = [judgePod(view, wanted, START + HOUR), alterationOf(view, wanted, 'o', node('a', START))];
        expect({ what, odd: oddTextsIn(results) }).toEqual({ what, odd: [] });
        for (const result of results) expect((result?.message ?? '').length).toBeLessThan(2000);
      }
    }
  });

  it('is no pod that was made', async () => {
    for (const { json } of spoilt({ pod: POD })) {
      const { pod } = JSON.parse(json) as { pod: unknown };
      const made = await createVerifyPod(connectionTo(pod, EVENTS), 'proofs', POD as never, CALM).catch(
        (error: Error) => error,
      );
      if (made instanceof Error && !(made instanceof KubernetesError))
        expect(made.message).toMatch(/^the API server did not answer with/);
    }
  });
});
