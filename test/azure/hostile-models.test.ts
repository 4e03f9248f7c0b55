import { describe, expect, it } from '@jest/globals';
import { readClusterModel, type ClusterModel } from '../../src/azure/cluster-model.ts';
import { readUserKubeconfig } from '../../src/azure/cluster-credentials.ts';
import { readClusterPage } from '../../src/azure/cluster-page.ts';
import { readErrorBody } from '../../src/azure/error-body.ts';
import { InvalidAnswerError } from '../../src/azure/invalid-answer.ts';
import { readOperationStatus } from '../../src/azure/operation-status.ts';
import { replaceList } from '../../src/azure/replace-list.ts';
import { oddTextsIn, spoilt } from '../hostile-values.ts';
import { GOOD_CLUSTER } from './good-cluster.ts';

/** What is read, or the refusal; anything else is thrown. */
function attempt<T>(read: () => T): T | InvalidAnswerError {
  try {
    return read();
  } catch (error) {
    if (error instanceof InvalidAnswerError) return error;
    throw error;
  }
}

/** All that goes further than the reader. */
function shown({ elements: _, nodeResourceGroup: __, ...model }: ClusterModel): object {
  return model;
}

describe('a cluster of ARM with one thing wrong', () => {
  const all = [...spoilt(GOOD_CLUSTER)];

  it('is read or refused by name, and no text of it moves a cursor', () => {
    for (const { what, json } of all) {
      const model = attempt(() => readClusterModel(json));
      if (model instanceof InvalidAnswerError)
        expect({ what, odd: oddTextsIn(model.message) }).toEqual({ what, odd: [] });
      else {
        expect({ what, odd: oddTextsIn(shown(model)) }).toEqual({ what, odd: [] });
        expect({ what, size: JSON.stringify(shown(model)).length < 4000 }).toEqual({ what, size: true });
      }
    }
    expect(all.length).toBeGreaterThan(1000);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it('loses nothing but its list when the list is replaced', () => {
    for (const { what, json } of all) {
      if (attempt(() => readClusterModel(json)) instanceof InvalidAnswerError) continue;
      const body = attempt(() => replaceList(json, [{ add: 'NEW' }]));
      if (body instanceof InvalidAnswerError) continue;
      expect({ what, body: withoutList(body) }).toEqual({ what, body: withoutList(json) });
      expect(body).toContain('"customCATrustCertificates":["NEW"]');
    }
  });

  it('is read out of a page as it is by itself, or left out of it', () => {
    for (const { what, json } of all) {
      const page = attempt(() => readClusterPage(`{"value":[${json}]}`, 1, () => true));
      const alone = attempt(() => readClusterModel(json));
      if (page instanceof InvalidAnswerError || alone instanceof InvalidAnswerError) continue;
      for (const model of page.clusters.values()) expect({ what, model }).toEqual({ what, model: alone });
    }
  });
});

/** The text with the list, and the objects that were made for it, taken out. */
function withoutList(text: string): string {
  const body = JSON.parse(text) as { properties: { securityProfile?: Record<string, unknown> | null } };
  const { customCATrustCertificates: _, ...rest } = body.properties.securityProfile ?? {};
  return JSON.stringify({ ...body, properties: { ...body.properties, securityProfile: rest } });
}

describe('another answer of ARM with one thing wrong', () => {
  it.each([
    [
      'an error',
      { error: { code: 'A', message: 'm', target: 't', details: [{ code: 'B', message: 'n', details: [] }] } },
    ],
    ['a bare error', { code: 'A', message: "The supported api-versions are '2025-01-01'.", details: [] }],
  ])('%s is read, shortly and without controls', (_what, good) => {
    for (const { what, json } of spoilt(good)) {
      const read = readErrorBody(400, json);
      expect({ what, odd: oddTextsIn(read) }).toEqual({ what, odd: [] });
      expect(JSON.stringify(read).length).toBeLessThan(20_000);
    }
  });

  it('the status of an operation is read, or unknown', () => {
    for (const { what, json } of spoilt({ status: 'Failed', error: { code: 'A', message: 'm' } })) {
      const read = readOperationStatus(json);
      expect({ what, odd: oddTextsIn(read) }).toEqual({ what, odd: [] });
    }
  });

  it('a kubeconfig is read or refused, and is not quoted', () => {
    for (const { json } of spoilt({ kubeconfigs: [{ name: 'clusterUser', value: btoa('kind: Config') }] })) {
      const read = attempt(() => readUserKubeconfig(json));
      if (read instanceof InvalidAnswerError) expect(read.message).toMatch(/^[ -~]{1,200}$/);
    }
  });
});
