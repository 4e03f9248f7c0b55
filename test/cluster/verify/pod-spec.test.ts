import { describe, expect, it } from '@jest/globals';
import { podFor } from '../../../src/cluster/verify/pod-spec.ts';
import { node, START } from '../../harness/build.ts';
import { KEY, OBJECT, wantedVerification } from './build.ts';

const one = node('a', START);
const wanted = wantedVerification();

describe('a pod that asks a node', () => {
  it('has the same name for the same question only', () => {
    const names = [
      podFor(wanted, OBJECT, one),
      podFor(wanted, 'uid-other', one),
      podFor({ ...wanted, key: 'other' }, OBJECT, one),
      podFor(wanted, OBJECT, { ...one, uid: 'replaced' }),
    ].map(({ metadata }) => metadata.name);
    expect(new Set(names).size).toBe(names.length);
    expect(podFor({ ...wanted, key: KEY }, OBJECT, { ...one }).metadata.name).toBe(names[0]);
    for (const name of names) expect(name).toMatch(/^[a-z0-9-]{1,63}$/);
  });

  it('goes to its node whatever taints it has, ends by itself, and lets the autoscaler take the node away', () => {
    const { metadata, spec } = podFor(wanted, OBJECT, one);
    expect(spec).toMatchObject({
      nodeName: 'a',
      tolerations: [{ operator: 'Exists' }],
      activeDeadlineSeconds: 300,
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
    });
    expect(metadata.annotations['cluster-autoscaler.kubernetes.io/safe-to-evict']).toBe('true');
  });

  it('runs nothing of an image that is only pulled, and pulls it anew', () => {
    const [container] = podFor(wanted, OBJECT, one).spec.containers;
    expect(container).toMatchObject({ image: 'images.example.com/app:1', imagePullPolicy: 'Always' });
    expect(container?.command).toEqual([expect.stringMatching(/^\/aks-ca-trust\//)]);
  });

  it('mounts the folder of the trust store read-only and nothing else, and makes none', () => {
    const store = wantedVerification({ spec: { trustStore: {} }, image: 'tools:1' });
    const { spec } = podFor(store, OBJECT, one, '/usr/local/share/ca-certificates');
    expect(spec.volumes).toEqual([
      { name: 'trust-store', hostPath: { path: '/usr/local/share/ca-certificates', type: 'Directory' } },
    ]);
    expect(spec.containers[0]?.volumeMounts).toEqual([expect.objectContaining({ readOnly: true })]);
    expect(podFor(wanted, OBJECT, one).spec.volumes).toBeUndefined();
  });
});
