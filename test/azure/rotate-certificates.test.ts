import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parseClusterId } from '../../src/api/resource-id.ts';
import { createBudgets } from '../../src/azure/budgets.ts';
import { READ_TOO_OLD } from '../../src/azure/failures.ts';
import {
  BUDGET_USED_UP,
  createManagedClusters,
  type ManagedClustersOptions,
} from '../../src/azure/managed-clusters.ts';
import { CALM, failureOf } from './arm-rig.ts';
import { startScriptedArm, type ScriptedArm } from './scripted-arm.ts';

const ID = parseClusterId('/subscriptions/s/resourceGroups/RG/providers/Microsoft.ContainerService/managedClusters/c')!;
const NOW = 1_000_000;
const LEAVE_BY = NOW + 5000;

let arm: ScriptedArm;
beforeAll(async () => {
  arm = await startScriptedArm();
});
beforeEach(() => {
  arm.seen.length = 0;
});
afterAll(() => arm.stop());

function clusters(more: Partial<ManagedClustersOptions> = {}) {
  return createManagedClusters({ transport: arm.transport(), now: () => NOW, ...more });
}

function answering(status: number, headers: Record<string, string> = {}, text = ''): void {
  arm.answer = ({ method }, response) => response.writeHead(method === 'POST' ? status : 202, headers).end(text);
}

describe('a rotation of the certificates of a cluster', () => {
  it('is one POST without a body', async () => {
    answering(202);
    expect(await clusters().rotateClusterCertificates(ID, 'op/1', CALM, LEAVE_BY)).toEqual({
      ok: true,
      value: undefined,
    });
    expect(arm.seen).toHaveLength(1);
    const [{ method, path, body, headers }] = arm.seen as [ScriptedArm['seen'][number]];
    expect([method, body, headers['content-length'], headers['content-type']]).toEqual(['POST', '', '0', undefined]);
    expect(path).toMatch(/\/managedClusters\/c\/rotateClusterCertificates\?api-version=/);
  });

  it.each([
    [202, true],
    [204, true],
    [200, true],
    [201, false],
  ])('is accepted with HTTP %i: %s', async (status, accepted) => {
    answering(status);
    const outcome = await clusters().rotateClusterCertificates(ID, 'op/1', CALM, LEAVE_BY);
    expect(outcome.ok).toBe(accepted);
    if (!outcome.ok) expect(outcome.failure).toMatchObject({ code: 'InvalidAnswer', refused: false });
  });

  it('counts as lost where the answer is an error in the body of a success', async () => {
    answering(200, {}, JSON.stringify({ error: { code: 'InternalError', message: 'm' } }));
    const failure = failureOf(await clusters().rotateClusterCertificates(ID, 'op/1', CALM, LEAVE_BY));
    expect(failure).toMatchObject({ refused: false });
    expect(failure.message).toContain('InternalError');
  });

  it.each([
    ['azure-asyncoperation', '{"status":"Failed","error":{"code":"X","message":"m"}}', 'Failed'],
    ['location', '', 'InProgress'],
  ])('has a status at the address of %s', async (header, text, status) => {
    const client = clusters();
    arm.answer = ({ method }, response) => {
      if (method === 'POST') response.writeHead(202, { [header]: `${arm.url}/status/1` }).end();
      else response.writeHead(text === '' ? 202 : 200).end(text);
    };
    await client.rotateClusterCertificates(ID, 'op/1', CALM, LEAVE_BY);
    expect(await client.operationStatus(ID, 'op/1', CALM)).toMatchObject({ status });
    expect(await client.operationStatus(ID, 'op/2', CALM)).toMatchObject({ status: 'Unknown' });
  });

  it('does not leave late, nor without the right to write', async () => {
    answering(202);
    const late = await clusters().rotateClusterCertificates(ID, 'op/1', CALM, NOW);
    expect(failureOf(late)).toMatchObject({ code: READ_TOO_OLD, refused: true });
    const assertMayWrite = () => {
      throw new Error('another leader');
    };
    await expect(clusters({ assertMayWrite }).rotateClusterCertificates(ID, 'op/1', CALM, LEAVE_BY)).rejects.toThrow(
      'another leader',
    );
    expect(arm.seen).toEqual([]);
  });

  it('asks again as the connection is up whether it may write', async () => {
    answering(202);
    let asked = 0;
    const assertMayWrite = () => {
      asked += 1;
      if (asked > 1) throw new Error('another leader');
    };
    await expect(clusters({ assertMayWrite }).rotateClusterCertificates(ID, 'op/1', CALM, LEAVE_BY)).rejects.toThrow(
      'another leader',
    );
    expect(arm.seen).toEqual([]);
  });

  it('is a lost write when no answer comes', async () => {
    arm.answer = (_request, response) => response.destroy();
    const failure = failureOf(await clusters().rotateClusterCertificates(ID, 'op/1', CALM, LEAVE_BY));
    expect(failure).toMatchObject({ code: 'NoAnswer', refused: false });
    expect(arm.seen).toHaveLength(1);
  });

  it('is bounded for one cluster', async () => {
    answering(202);
    const client = clusters({ budgets: createBudgets() });
    for (let count = 0; count < 20; count++) await client.rotateClusterCertificates(ID, `op/${count}`, CALM, LEAVE_BY);
    const failure = failureOf(await client.rotateClusterCertificates(ID, 'op/20', CALM, LEAVE_BY));
    expect(failure.code).toBe(BUDGET_USED_UP);
    expect(arm.seen).toHaveLength(20);
  });
});
