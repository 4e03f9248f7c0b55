import { describe, expect, it } from '@jest/globals';
import { listVerifyPods } from '../../../../src/cluster/verify/pods/client.ts';
import { KubernetesError, type Connection } from '../../../../src/kubernetes/client/connection.ts';
import { at, MINUTE, START } from '../../../harness/build.ts';

const CALM = new AbortController().signal;

interface World {
  readonly status?: object;
  /** Of the API server. */
  readonly now?: number;
  readonly events?: readonly string[] | 'Forbidden';
}

/** The only pod of a namespace as it is seen, and what was asked about its events. */
async function see({ status = {}, now = START, events = [] }: World) {
  const asked: string[] = [];
  const pod = {
    metadata: { name: 'p', uid: 'u', creationTimestamp: at(START) },
    spec: { nodeName: 'a', containers: [{ name: 'sidecar' }, { name: 'verify', image: 'i' }] },
    status,
  };
  const connection: Connection = {
    server: '',
    async request({ path, query }) {
      if (path.endsWith('/pods')) return { metadata: { resourceVersion: '1' }, items: [pod] };
      asked.push(query?.['fieldSelector'] ?? '');
      if (events === 'Forbidden') throw new KubernetesError(403, 'Forbidden', 'no');
      return { items: events.map((message) => ({ message })) };
    },
    stream: () => Promise.reject(new Error('nobody watches')),
    close: async () => {},
    lastResponseDate: now,
  };
  const [view] = await listVerifyPods(connection, 'proofs', CALM);
  return { view, asked };
}

const waiting = (reason: string, message?: string) => ({
  phase: 'Pending',
  containerStatuses: [
    { name: 'sidecar', state: { running: {} } },
    { name: 'verify', state: { waiting: { reason, ...(message === undefined ? {} : { message }) } } },
  ],
});

describe('a pod of ours', () => {
  it('is judged by its own container, whichever others are beside it', async () => {
    const { view } = await see({ status: waiting('ErrImagePull', 'm') });
    expect(view?.container).toEqual({ kind: 'Waiting', reason: 'ErrImagePull', message: 'm' });
    expect(view?.task.image).toBe('i');
  });

  it('is asked about when it only says that it waits for the next pull', async () => {
    const status = waiting('ImagePullBackOff', 'Back-off pulling image "i"');
    const { view, asked } = await see({
      status,
      events: ['Failed to pull image "i": x509', 'Error: ImagePullBackOff'],
    });
    expect([view?.pullFailure, asked]).toEqual([
      'Failed to pull image "i": x509',
      ['involvedObject.uid=u,reason=Failed'],
    ]);
  });

  it('is asked about when it is about to be given up, and not before', async () => {
    const status = waiting('ContainerCreating');
    const events = ['MountVolume.SetUp failed'];
    expect((await see({ status, events, now: START + 3 * MINUTE })).asked).toEqual([]);
    const late = await see({ status, events, now: START + 4 * MINUTE });
    expect([late.view?.warning, late.asked]).toEqual([
      'MountVolume.SetUp failed',
      ['involvedObject.uid=u,type=Warning'],
    ]);
    const ended = await see({ status: { phase: 'Failed', reason: 'OutOfpods' }, events });
    expect(ended.view?.warning).toBe('MountVolume.SetUp failed');
  });

  it('is judged by what it says itself where events may not be read', async () => {
    const { view } = await see({ status: waiting('ContainerCreating'), now: START + 5 * MINUTE, events: 'Forbidden' });
    expect([view?.warning, view?.container.kind]).toEqual([undefined, 'Waiting']);
  });

  it('has the beginning and the end of what it says, however long that is', async () => {
    const message = `failed${'x'.repeat(2 ** 20)}: x509: certificate signed by unknown authority`;
    const { view } = await see({ status: waiting('ErrImagePull', message) });
    const said = view?.container.kind === 'Waiting' ? view.container.message : '';
    expect(said.length).toBeLessThan(10_000);
    expect([said.startsWith('failed'), said.endsWith('unknown authority')]).toEqual([true, true]);
  });
});

it('pods that hold more than a process should are not gathered', async () => {
  const message = 'x'.repeat(8192);
  const containerStatuses = [{ name: 'verify', state: { terminated: { exitCode: 1, message } } }];
  const items = Array.from({ length: 900 }, (_, index) => ({
    metadata: { name: `p${index}`, uid: `${index}`, creationTimestamp: at(START) },
    status: { phase: 'Failed', message, containerStatuses },
  }));
  const connection: Connection = {
    server: '',
    request: async () => ({ metadata: { resourceVersion: '1' }, items }),
    stream: () => Promise.reject(new Error('nobody watches')),
    close: async () => {},
  };
  await expect(listVerifyPods(connection, 'proofs', CALM)).rejects.toThrow(
    'the pods in namespace proofs hold more than',
  );
});
