import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { DEFAULT_TIMING } from '../../../src/cluster/model/timing.ts';
import { plan } from '../../../src/cluster/decide/plan.ts';
import {
  at,
  digest,
  element,
  HOUR,
  intent,
  observe,
  operation,
  SECOND,
  slot,
  START,
  trust,
} from '../../harness/build.ts';
import { memoryRig, type MemoryRig } from '../../harness/memory-rig.ts';
import { waitForGo } from './toy-hold.ts';

const rigWithToy = () => memoryRig({}, () => ({ holds: [waitForGo] }));

function annotate(rig: MemoryRig, name: string): void {
  const object = rig.objects.get(name)!;
  const annotations = { 'example.com/go': 'yes' };
  rig.objects.set(name, { ...object, metadata: { ...object.metadata, annotations } });
}

describe('a hold that waits for an annotation, as one more line of the chain', () => {
  it('keeps the change back and says why, until each of its objects has the annotation', async () => {
    const rig = rigWithToy();
    rig.add(trust('a', [0]), trust('b', [1]));
    expect(await rig.pass()).toMatchObject({ step: 'Observe', hold: 'Held', afterMs: 30 * SECOND });
    for (const name of ['team/a', 'team/b'])
      expect(rig.condition(name, 'Applied')).toMatchObject({
        status: 'False',
        reason: 'Held',
        message: 'The change waits until each of its objects has the annotation example.com/go. Set it to go on.',
      });
    expect(rig.record?.pending?.waitsFor).toBe('Held');

    annotate(rig, 'team/a');
    expect(await rig.pass()).toMatchObject({ step: 'Observe', hold: 'Held' });
    expect([rig.puts, rig.record?.operation]).toEqual([[], undefined]);

    annotate(rig, 'team/b');
    expect(await rig.pass()).toMatchObject({ step: 'Send', sent: 'Accepted' });
    expect(rig.puts).toEqual([[[0], [1]]]);
    rig.now += SECOND;
    await rig.pass();
    expect(rig.condition('team/b', 'Ready')?.status).toBe('True');
  });

  it('says nothing of an object that the change is not for', async () => {
    const rig = rigWithToy();
    rig.add(trust('a', [0]));
    rig.arm = { ...rig.arm, elements: [element(0)] };
    await rig.pass();
    expect(rig.condition('team/a', 'Ready')?.status).toBe('True');
    rig.add(trust('b', [1]));
    annotate(rig, 'team/b');
    expect(await rig.pass()).toMatchObject({ sent: 'Accepted' });
  });

  it('comes after the holds of every change', async () => {
    const rig = rigWithToy();
    rig.add(trust('a', [0], { settleSeconds: 30 }));
    expect(await rig.pass()).toMatchObject({ hold: 'Settling' });
    rig.now += 30 * SECOND;
    expect(await rig.pass()).toMatchObject({ hold: 'Held' });
  });

  it('lets an operation be sent again that it has let go before', () => {
    const ended = operation({
      listDigest: digest(0),
      adds: [{ fingerprintSHA256: slot(0).fingerprintSHA256, namedBy: ['team/a/ca'] }],
      failed: { code: 'QuotaExceeded', message: 'm', at: at(START - HOUR), confirmed: true },
      lastAttemptAt: at(START - 2 * HOUR),
    });
    const seen = observe({
      intents: [intent('a', [0])],
      elements: [element(0)],
      provisioningState: 'Failed',
      record: { slots: [slot(0, 'team/a/ca')], operation: ended },
      operation: { status: 'Failed', code: 'QuotaExceeded', message: 'm' },
    });
    expect(plan(seen, START, DEFAULT_TIMING, () => 'op', [waitForGo]).step).toMatchObject({
      kind: 'Send',
      operation: { attempts: 2 },
    });
  });
});

it('CONTRIBUTING.md shows this very hold, in an example of at most 40 lines', () => {
  const page = readFileSync(new URL('../../../CONTRIBUTING.md', import.meta.url), 'utf8');
  const hold = readFileSync(new URL('toy-hold.ts', import.meta.url), 'utf8');
  const [, example = ''] = /\n## A new hold, step by step\n([^]*?)\n## /.exec(page) ?? [];
  expect(example.replaceAll('\n   ', '\n')).toContain(`\`\`\`ts\n${hold}\`\`\`\n`);
  expect(example.split('\n').length).toBeLessThanOrEqual(40);
});
