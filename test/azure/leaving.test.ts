import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parseClusterId } from '../../src/api/resource-id.ts';
import { READ_TOO_OLD } from '../../src/azure/failures.ts';
import { createManagedClusters } from '../../src/azure/managed-clusters.ts';
import { CALM, failureOf } from './arm-rig.ts';
import { startScriptedArm, type ScriptedArm } from './scripted-arm.ts';

const ID = parseClusterId('/subscriptions/s/resourceGroups/RG/providers/Microsoft.ContainerService/managedClusters/c')!;
const READ_AT = 1_000_000;
const FRESH_MS = 5000;

let arm: ScriptedArm;
beforeAll(async () => {
  arm = await startScriptedArm();
});
beforeEach(() => {
  arm.seen.length = 0;
  arm.answer = (_request, response) => response.end('{"name":"c"}');
});
afterAll(() => arm.stop());

/** Writes over a cluster that was read at READ_AT, with a clock that a sign-in moves. */
function writer(signInTakesMs: number) {
  let now = READ_AT;
  const transport = arm.transport({ onSignIn: () => void (now += signInTakesMs) });
  const clusters = createManagedClusters({ transport, now: () => now });
  return () => clusters.put(ID, '{}', 'e', 'op/1', CALM, READ_AT + FRESH_MS);
}

describe('a body that was made from a read', () => {
  it('leaves while the read is fresh', async () => {
    expect((await writer(4900)()).ok).toBe(true);
    expect(arm.seen).toHaveLength(1);
  });

  it.each([5000, 8000])('does not leave when signing in took %i ms, and ARM is not blamed for it', async (ms) => {
    const failure = failureOf(await writer(ms)());
    expect(failure).toMatchObject({ code: READ_TOO_OLD, refused: true, stalled: false });
    expect(failure.message).toMatch(
      /^the cluster was read too long ago .*signing in took \d+\.\d s, connecting \d+\.\d s$/,
    );
    expect(arm.seen).toEqual([]);
  });

  it('is a lost write, and none that was kept back, when the answer comes too late', async () => {
    arm.answer = (_request, response) => response.destroy();
    expect(failureOf(await writer(4900)())).toMatchObject({ reason: 'Unreachable', code: 'NoAnswer', refused: false });
    expect(arm.seen).toHaveLength(1);
  });
});
