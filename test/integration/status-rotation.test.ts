import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DEFAULT_TIMING } from '../../src/cluster/model/timing.ts';
import { OPEN_GRANTS, OPEN_POLICY } from '../../src/policy/policy.ts';
import { applyRotation } from './rotation-object.ts';
import { startStatusRig, type StatusRig } from './status-rig.ts';

jest.setTimeout(90_000);

let rig: StatusRig;
beforeAll(async () => {
  rig = await startStatusRig();
}, 180_000);
afterEach(() => rig.cleanUp());
afterAll(() => rig.stop());

describe('status of a rotation', () => {
  it('follows it to its end, and says then how it went; without the right to rotate, a person has to act', async () => {
    const cluster = await rig.addCluster({ handshakes: true });
    const rotation = { ...DEFAULT_TIMING.rotation, arrives: 2500, agreeing: 1500 };
    let rotate = true;
    await rig.startController({
      policy: () => ({ ...OPEN_POLICY, grants: () => ({ ...OPEN_GRANTS, rotate }) }),
      timing: { rotation, leftOld: 2000 },
    });
    const replaceCA = (await cluster.certificates()).authorities.at(-1)!.fingerprint;
    const asked = { mode: 'Rotate', acceptDowntime: true } as const;
    await applyRotation(rig, 'own', cluster, { ...asked, request: { replaceCA } });
    const { code, out, err } = await rig.run('crot/own', ...rig.inNamespace(), '--watch', '--timeout', '60s');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const lines = out.split('\n').map((line) => line.replace(/^\S+ \S+ /, ''));
    const about = `crot ${rig.namespace}/own: `;
    expect(lines).toContain(`${about}rotation: mode Rotate, phase Rotating`);
    expect(lines).toContain(`${about}rotation: mode Rotate, phase Completed`);
    expect(out).toMatch(/last rotation: begun \S+Z, complete \S+Z\n/);
    expect(lines.filter((line) => line.startsWith(about)).at(-1)).toMatch(/: Ready: /);

    rotate = false;
    const present = (await cluster.certificates()).authorities.at(-1)!.fingerprint;
    await applyRotation(rig, 'own', cluster, { ...asked, request: { replaceCA: present } });
    const refused = await rig.run('crot/own', ...rig.inNamespace(), '--watch', '--timeout', '60s');
    expect(refused).toMatchObject({ code: 3, err: 'aks-ca-trust: Stuck: a person must act.\n' });
    expect(refused.out).toContain('not Ready: RotationNotAllowed, stalled');
  });
});
