import { describe, expect, it, jest } from '@jest/globals';
import type { CertificateRotation } from '../../../src/api/generated/certificaterotations.ts';
import type { CustomCATrust } from '../../../src/api/generated/customcatrusts.ts';
import type { TargetCluster } from '../../../src/api/generated/targetclusters.ts';
import { showStatus } from '../../../src/commands/status/command.ts';
import type { Output } from '../../../src/commands/client/output.ts';
import type { ResolvedScope } from '../../../src/commands/status/read.ts';
import { readStatusFlags } from '../../../src/commands/status/request.ts';
import { KubernetesError, type Connection } from '../../../src/kubernetes/client/connection.ts';
import { systemClock } from '../../../src/runtime/clock.ts';
import { spoilt } from '../../hostile-values.ts';
import { ROLLING, record, ROTATED, rotation, trust, UPDATING } from './states.ts';

jest.setTimeout(60_000);

/** The output of `status` for these objects, or its error. */
async function shown(
  objects: unknown,
  records: unknown,
  kind: 'text' | 'json',
  scope: ResolvedScope = { kind: 'Everywhere' },
  rotations: unknown = listOf(),
): Promise<string> {
  const written: string[] = [];
  const output: Output = {
    write: (text) => void written.push(text),
    warn: (text) => void written.push(text),
    columns: () => 100,
    rows: () => 40,
    colour: false,
    blocks: false,
    redraws: false,
    onResize: () => () => {},
  };
  const connection: Connection = {
    server: 'https://management',
    request: async ({ path }) => {
      if (path.endsWith('/customcatrusts')) return objects;
      if (path.endsWith('/certificaterotations')) return rotations;
      if (path.includes('/targetclusters')) return records;
      throw new KubernetesError(404, 'NotFound', `${path} "x" not found`);
    },
    stream: () => Promise.reject(new Error('no watches')),
    close: async () => {},
  };
  const reading = readStatusFlags(undefined, { allNamespaces: true, output: kind, certificates: true });
  if (!reading.ok) throw new Error(reading.faults.join());
  const { signal } = new AbortController();
  try {
    await showStatus({ connection, scope, request: reading.request, output, clock: systemClock, signal });
    return written.join('');
  } catch (error) {
    return `Error: ${(error as Error).message}`;
  }
}

const listOf = (...items: unknown[]) => ({ metadata: { resourceVersion: '1' }, items });

describe('the status that a lying API server has', () => {
  const object: CustomCATrust = trust({ conditions: ROLLING });
  const cluster: TargetCluster = record(UPDATING);
  const own: CertificateRotation = rotation({ mode: 'Rotate', status: ROTATED });

  it.each(['text', 'json'] as const)(
    'is shown as %s, or refused in a sentence, whatever its types are',
    async (kind) => {
      for (const { what, json } of spoilt({ object, cluster, own })) {
        const {
          object: one,
          cluster: other,
          own: third,
        } = JSON.parse(json) as Record<'object' | 'cluster' | 'own', unknown>;
        const text = await shown(listOf(one, object), other, kind, undefined, listOf(third));
        expect({ what, odd: /(?!\n)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.exec(text) }).toEqual({ what, odd: null });
        if (text.startsWith('Error: '))
          expect({ what, text }).toEqual({ what, text: expect.stringMatching(/^Error: [ -~]{20,400}$/) });
        expect({ what, text }).not.toEqual({
          what,
          text: expect.stringMatching(/Cannot read|is not a function|is not iterable|Invalid time/),
        });
      }
    },
  );

  it('names other clusters in safe words, and few of them', async () => {
    const odd = '\u001b[2J\u202e';
    const id = (name: string) =>
      `/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/${name}`;
    const many = Array.from({ length: 500 }, (_, number) => ({
      ...object,
      metadata: { ...object.metadata, name: `o${number}` },
      spec: { target: { resourceId: id(`${odd}${number}`) } },
    }));
    const other = await shown(listOf(...many), listOf(), 'text', { kind: 'Cluster', cluster: 'missing' });
    expect(other).toMatch(/^Error: No cluster missing is known at https:\/\/management; there are [ -~]{1,600}$/);
    const groups = many.map(({ spec, ...rest }, number) => ({
      ...rest,
      spec: {
        target: { resourceId: spec.target.resourceId.replace('/g/', `/${odd}${number}/`).replace(/[^/]*$/, 'same') },
      },
    }));
    const same = await shown(listOf(...groups), listOf(), 'text', { kind: 'Cluster', cluster: 'same' });
    expect(same).toMatch(/^Error: 500 clusters have the name same; [ -~]{1,3000}$/);
  });
});
