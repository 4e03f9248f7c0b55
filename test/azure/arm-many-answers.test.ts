import { createPipelineRequest, type PipelineRequest } from '@azure/core-rest-pipeline';
import { describe, expect, it } from '@jest/globals';
import { createBoundedClient } from '../../src/azure/bounded-client.ts';
import { tlsOptionsFor } from '../../src/azure/tls-options.ts';
import { createReadBudget } from '../../src/kubernetes/client/read-budget.ts';
import { eventually } from '../eventually.ts';
import { startScriptedArm, type ScriptedArm } from './scripted-arm.ts';

const MIB = 2 ** 20;

/** A GET of what the server has. */
function get({ url, ca }: ScriptedArm, abortSignal = new AbortController().signal): PipelineRequest {
  return Object.assign(createPipelineRequest({ url, abortSignal }), { tlsSettings: tlsOptionsFor(ca).tlsOptions });
}

describe('answers of ARM that come together', () => {
  it('are read one after the other where all of them are more than there is room for', async () => {
    const arm = await startScriptedArm();
    const body = JSON.stringify({ text: 'x'.repeat(4 * MIB) });
    arm.answer = (_request, response) => response.end(body);
    const budget = createReadBudget({
      largest: 5 * MIB,
      large: 2,
      small: MIB / 4,
      allSmall: 4 * MIB,
      patienceMs: 60_000,
    });
    const client = createBoundedClient(16 * MIB, budget);
    let most = 0;
    const sampling = setInterval(() => (most = Math.max(most, budget.held)), 1);
    const all = await Promise.all(Array.from({ length: 6 }, () => client.sendRequest(get(arm))));
    clearInterval(sampling);
    for (const { bodyAsText } of all) expect(bodyAsText).toHaveLength(body.length);
    expect(most).toBeGreaterThan(4 * MIB);
    expect(most).toBeLessThanOrEqual(14 * MIB);
    expect(budget.held).toBe(0);
    await arm.stop();
  }, 30_000);

  it('hold nothing once their requests were aborted, also those that wait', async () => {
    const arm = await startScriptedArm();
    // Never ends.
    arm.answer = (_request, response) => response.write('x'.repeat(MIB));
    const budget = createReadBudget({ largest: MIB, large: 1, small: MIB / 8, allSmall: MIB, patienceMs: 60_000 });
    const client = createBoundedClient(16 * MIB, budget);
    const caller = new AbortController();
    const all = Array.from({ length: 6 }, () => client.sendRequest(get(arm, caller.signal)));
    await eventually(async () => budget.held > 1.6 * MIB);
    caller.abort();
    for (const one of await Promise.allSettled(all)) expect(one.status).toBe('rejected');
    expect(budget.held).toBe(0);
    await arm.stop();
  });
});
