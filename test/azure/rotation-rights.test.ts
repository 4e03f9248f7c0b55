import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseClusterId } from '../../src/api/resource-id.ts';
import type { SupportedVersion } from '../../src/azure/kubernetes-versions.ts';
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
  it.each<[string, number, string, readonly string[] | 'Unread' | undefined]>([
    ['none', 200, '{"value":[]}', []],
    [
      'by their names',
      200,
      '{"value":[{"name":"keep","properties":{"level":"CanNotDelete"}},{"name":"b"}]}',
      ['keep', 'b'],
    ],
    ['also without a name', 200, '{"value":[{},null]}', ['a lock without a name', 'a lock without a name']],
    ['as unknown where they may not be read', 403, FORBIDDEN, undefined],
    ['as not read this time from a page of a proxy', 200, '<html>', 'Unread'],
    ['as not read this time from a refusal of a proxy', 403, '<html>', 'Unread'],
    ['as not read this time while ARM has an error', 500, '{}', 'Unread'],
    ['as not read this time from anything else', 200, '[]', 'Unread'],
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

const listed = (...values: unknown[]) => JSON.stringify({ values });

describe('the Kubernetes versions that AKS supports', () => {
  it.each<[string, number, string, readonly unknown[] | 'Unread' | undefined]>([
    [
      'with their plans',
      200,
      listed(
        { version: '1.30', capabilities: { supportPlan: ['AKSLongTermSupport'] }, patchVersions: { '1.30.14': {} } },
        { version: '1.34', isPreview: true },
      ),
      [
        { minor: '1.30', plans: ['AKSLongTermSupport'], isPreview: false },
        { minor: '1.34', plans: [], isPreview: true },
      ],
    ],
    [
      'without what cannot be read',
      200,
      listed(null, 7, {}, { version: 1.3 }, { version: 'x'.repeat(9999) }, { version: '1.33', capabilities: 'x' }),
      [{ minor: '1.33', plans: [], isPreview: false }],
    ],
    ['as not read this time where none can be read', 200, listed(), 'Unread'],
    ['as unknown where they may not be read', 403, FORBIDDEN, undefined],
    ['as not read this time from a page of a proxy', 200, '<html>', 'Unread'],
    ['as not read this time from a refusal of a proxy', 403, '<html>', 'Unread'],
    ['as not read this time while ARM has an error', 500, '{}', 'Unread'],
    ['as not read this time from anything else', 200, '{"values":7}', 'Unread'],
  ])('are read: %s', async (_, status, body, expected) => {
    answer(status, body);
    expect(await clusters.supportedVersions(ID, 'westeurope', CALM)).toEqual(expected);
    expect(arm.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `GET /subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.ContainerService/locations/westeurope/kubernetesVersions?api-version=2026-06-01`,
    ]);
  });

  it('are only so many, with plans of a length that can be shown', async () => {
    const supportPlan = Array.from({ length: 50 }, (_, index) => `p${index}\u202e${'x'.repeat(index)}`);
    answer(
      200,
      listed(...Array.from({ length: 200 }, (_, n) => ({ version: `1.${n % 900}`, capabilities: { supportPlan } }))),
    );
    const versions = (await clusters.supportedVersions(ID, 'westeurope', CALM)) as readonly SupportedVersion[];
    expect(versions).toHaveLength(100);
    expect(versions[0]!.plans).toHaveLength(8);
    expect(JSON.stringify(versions)).not.toContain('\u202e');
  });
});
