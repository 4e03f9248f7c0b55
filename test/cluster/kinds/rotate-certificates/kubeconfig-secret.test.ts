import { describe, expect, it, test } from '@jest/globals';
import type { V1Secret } from '@kubernetes/client-node';
import {
  KUBECONFIG_OF,
  secretStep,
  type WantedSecret,
} from '../../../../src/cluster/kinds/rotate-certificates/kubeconfig-secret.ts';

const ID =
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod';
const WANTED: WantedSecret = {
  namespace: 'team',
  name: 'prod-kubeconfig',
  key: 'value',
  resourceId: ID,
  kubeconfig: 'new',
};
const base64 = (text: string) => Buffer.from(text).toString('base64');

function secret(annotations: Record<string, string> | undefined, more: Partial<V1Secret> = {}): V1Secret {
  return {
    metadata: {
      namespace: 'team',
      name: 'prod-kubeconfig',
      resourceVersion: '7',
      ...(annotations ? { annotations } : {}),
    },
    data: { value: base64('old'), other: base64('kept') },
    ...more,
  };
}

test('a missing Secret is created, marked with its cluster, and owned by no object', () => {
  const step = secretStep(undefined, WANTED);
  expect(step).toEqual({
    kind: 'Create',
    secret: {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'Opaque',
      metadata: { namespace: 'team', name: 'prod-kubeconfig', annotations: { [KUBECONFIG_OF]: ID } },
      data: { value: base64('new') },
    },
  });
});

describe('a Secret that is there', () => {
  it.each([
    ['of the same cluster', { [KUBECONFIG_OF]: ID }],
    ['of the same cluster in other letters', { [KUBECONFIG_OF]: ID.toUpperCase() }],
  ])('%s gets the key, and keeps its other keys and its version', (_, annotations) => {
    const step = secretStep(secret(annotations), WANTED);
    expect(step).toMatchObject({
      kind: 'Replace',
      secret: { metadata: { resourceVersion: '7' }, data: { value: base64('new'), other: base64('kept') } },
    });
  });

  it('with the same kubeconfig is left alone', () => {
    const data = { value: base64('new') };
    expect(secretStep(secret({ [KUBECONFIG_OF]: ID }, { data }), WANTED)).toEqual({ kind: 'Current' });
  });

  it.each<[string, V1Secret, RegExp]>([
    [
      'without the annotation',
      secret(undefined),
      /was not created by the controller.*kubectl annotate secret prod-kubeconfig -n team/,
    ],
    [
      'without the annotation, and with the same kubeconfig',
      secret(undefined, { data: { value: base64('new') } }),
      /not overwritten/,
    ],
    ['of another cluster', secret({ [KUBECONFIG_OF]: ID.replace('prod', 'test') }), /names another cluster/],
    ['that is immutable', secret({ [KUBECONFIG_OF]: ID }, { immutable: true }), /is immutable/],
    [
      'that is being deleted',
      { ...secret({}), metadata: { ...secret({ [KUBECONFIG_OF]: ID }).metadata, deletionTimestamp: new Date(0) } },
      /is being deleted/,
    ],
  ])('%s is not written, and the message says what to do', (_, present, message) => {
    expect(secretStep(present, WANTED)).toEqual({ kind: 'Refused', message: expect.stringMatching(message) });
  });

  it('never has its content in a message', () => {
    const steps = [secret(undefined), secret({ [KUBECONFIG_OF]: 'x' })].map((one) =>
      JSON.stringify(secretStep(one, WANTED)),
    );
    for (const step of steps)
      for (const text of ['old', base64('old'), base64('new')]) expect(step).not.toContain(`"${text}`);
  });
});
