import { describe, expect, it } from '@jest/globals';
import type { ClusterModel } from '../../../src/azure/cluster-model.ts';
import {
  isState,
  isStopped,
  isTerminal,
  offTarget,
  runningOperation,
} from '../../../src/cluster/model/provisioning-state.ts';
import { model, pool } from '../../harness/build.ts';

describe('a provisioning state', () => {
  it.each([
    ['Succeeded', true],
    ['failed', true],
    ['CANCELED', true],
    ['Updating', false],
    ['Canceling', false],
    ['', false],
  ])('%p is terminal: %p', (state, terminal) => {
    expect(isTerminal(state)).toBe(terminal);
  });

  it('is compared without case', () => {
    expect([isState('succeeded', 'Succeeded'), isState('Failed', 'Succeeded')]).toEqual([true, false]);
  });
});

describe('what still runs', () => {
  it.each<[Partial<ClusterModel>, string | undefined]>([
    [{}, undefined],
    [{ provisioningState: 'Failed' }, undefined],
    [{ provisioningState: 'Upgrading' }, 'Upgrading'],
    [{ pools: [pool(), pool({ name: 'apps', provisioningState: 'Scaling' })] }, 'Scaling of node pool apps'],
    [{ provisioningState: 'Failed', pools: [pool({ provisioningState: 'Deleting' })] }, 'Deleting of node pool system'],
    [{ pools: [] }, undefined],
  ])('is named (%#)', (overrides, running) => {
    expect(runningOperation(model(overrides))).toBe(running);
  });
});

describe('a cluster', () => {
  it.each([
    ['Stopped', true],
    ['stopped', true],
    ['Running', false],
  ])('with power state %s is stopped: %p', (powerState, stopped) => {
    expect(isStopped(model({ powerState }))).toBe(stopped);
  });

  const { version: _, ...silent } = model();
  const { currentVersion: __, ...mute } = pool({ name: 'apps' });
  it.each<[string, ClusterModel, RegExp | undefined]>([
    ['all on target', model(), undefined],
    ['a minor version as target', model({ version: { target: '1.33', current: '1.33.7' } }), undefined],
    [
      'a minor version that is only a beginning',
      model({ version: { target: '1.3', current: '1.33.7' } }),
      /control plane/,
    ],
    [
      'a control plane half-way',
      model({ version: { target: '1.34.0', current: '1.33.1' } }),
      /runs 1\.33\.1 .* run 1\.34\.0/,
    ],
    ['a control plane of unknown version', silent, /control plane .* unknown/],
    [
      'a pool half-way',
      model({ pools: [pool(), pool({ name: 'apps', currentVersion: '1.32.9' })] }),
      /pool apps runs 1\.32\.9/,
    ],
    ['a pool of unknown version', model({ pools: [mute] }), /pool apps runs an unknown version/],
  ])('with %s is off its target as said', (_what, seen, said) => {
    const off = offTarget(seen);
    if (said) expect(off).toMatch(said);
    else expect(off).toBeUndefined();
  });
});
