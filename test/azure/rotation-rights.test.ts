import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseClusterId } from '../../src/api/resource-id.ts';
import { createManagedClusters, type ManagedClusters } from '../../src/azure/managed-clusters.ts';
import { startScriptedArm, type ScriptedArm } from './scripted-arm.ts';

const CALM = new AbortController().signal;
const ID = parseClusterId(
  '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod',
)!;

let arm: ScriptedArm;
let clusters: ManagedClusters;
beforeAll(async () => {
  arm = await startScriptedArm();
  clusters = createManagedClusters({ transport: arm.transport(), now: Date.now });
});
afterAll(() => arm.stop());

function answer(status: number, body: string): void {
  arm.seen.splice(0);
  arm.answer = (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(body);
  };
}
const permission = (actions: unknown, notActions: unknown = []) => JSON.stringify({ value: [{ actions, notActions }] });
const FORBIDDEN = JSON.stringify({ error: { code: 'AuthorizationFailed', message: 'no' } });
const ROTATE = 'Microsoft.ContainerService/managedClusters/rotateClusterCertificates/action';

describe('the right to rotate', () => {
  it.each<[string, number, string, boolean | undefined]>([
    ['by its name, in any case', 200, permission([ROTATE.toUpperCase()]), true],
    ['by a pattern', 200, permission(['Microsoft.ContainerService/managedClusters/*']), true],
    ['by a role for everything', 200, permission(['*']), true],
    ['not where it is taken out', 200, permission(['*'], [ROTATE]), false],
    ['not by the right to write', 200, permission(['Microsoft.ContainerService/managedClusters/write']), false],
    ['not without a role', 200, '{"value":[]}', false],
    ['as unknown where it may not be read', 403, FORBIDDEN, undefined],
    ['as unknown from a page of a proxy', 200, '<html>', undefined],
    ['as unknown from anything else', 200, '{"value":7}', undefined],
    ['not by actions of another shape', 200, permission({ '*': 1 }), false],
  ])('is given %s', async (_, status, body, expected) => {
    answer(status, body);
    expect(await clusters.mayRotate(ID, CALM)).toBe(expected);
    expect(arm.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `GET ${ID.resourceId}/providers/Microsoft.Authorization/permissions?api-version=2022-04-01`,
    ]);
  });
});

describe('the locks of a resource group', () => {
  it.each<[string, number, string, readonly string[] | undefined]>([
    ['none', 200, '{"value":[]}', []],
    [
      'by their names',
      200,
      '{"value":[{"name":"keep","properties":{"level":"CanNotDelete"}},{"name":"b"}]}',
      ['keep', 'b'],
    ],
    ['also without a name', 200, '{"value":[{},null]}', ['a lock without a name', 'a lock without a name']],
    ['as unknown where they may not be read', 403, FORBIDDEN, undefined],
    ['as unknown from a page of a proxy', 200, '<html>', undefined],
    ['as unknown from anything else', 200, '[]', undefined],
  ])('are read: %s', async (_, status, body, expected) => {
    answer(status, body);
    expect(await clusters.locksOf(ID, 'MC_rg_prod_Übersee', CALM)).toEqual(expected);
    expect(arm.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/MC_rg_prod_%C3%9Cbersee/providers/Microsoft.Authorization/locks?api-version=2016-09-01',
    ]);
  });

  it('are shown without what could hide text, and only so many', async () => {
    answer(200, JSON.stringify({ value: Array.from({ length: 500 }, () => ({ name: `\u202e${'a'.repeat(500)}` })) }));
    const locks = (await clusters.locksOf(ID, 'rg', CALM)) ?? [];
    expect(locks).toHaveLength(20);
    expect(locks[0]!.length).toBeLessThan(140);
    expect(locks[0]).not.toContain('\u202e');
  });
});
