import { describe, expect, it } from '@jest/globals';
import { changeEvents } from '../../../../src/cluster/kinds/update-trust/change-events.ts';
import { plan } from '../../../../src/cluster/decide/plan.ts';
import { DEFAULT_TIMING } from '../../../../src/cluster/model/timing.ts';
import { trustsOf } from '../../../../src/cluster/model/intent.ts';
import { element, intent, observe, root, slot, START, type Seen } from '../../../harness/build.ts';

function eventsFor(seen: Seen, nodes?: number) {
  const observation = observe(seen);
  const decision = plan(observation, START, DEFAULT_TIMING, () => 'new');
  const counted = nodes === undefined ? {} : { nodes: { total: nodes, reimaged: 0, excluded: 0, summary: '' } };
  return changeEvents(trustsOf(observation.intents), decision, counted).map(([{ name }, event]) => ({
    name,
    ...event,
  }));
}

const record = { slots: [slot(0, 'team/a/ca'), slot(5, 'team/c/ca')] };
const subject = (index: number) => root(index).details.subject;

describe('the event of a change that was sent', () => {
  it('names what is added and removed, and how many nodes are replaced, to the objects concerned alone', () => {
    const intents = [intent('a', [1]), intent('c', [5])];
    const [event, ...others] = eventsFor({ intents, record, elements: [element(0), element(5)] }, 7);
    expect(event).toEqual({
      name: 'team/a',
      type: 'Normal',
      reason: 'UpdateSent',
      message: `Adds ${subject(1)}; removes ${subject(0)}. AKS replaces 7 nodes for it.`,
    });
    expect(others).toEqual([]);
  });

  it('says every node where none was counted', () => {
    const [event] = eventsFor({ intents: [intent('a', [1])] });
    expect(event?.message).toBe(`Adds ${subject(1)}. AKS replaces every Linux node for it.`);
  });

  it('is not there where nothing was sent', () => {
    expect(eventsFor({ intents: [intent('a', [1], { settleSeconds: 30 })] })).toEqual([]);
  });
});
