import type { HoldCheck } from '../../../src/cluster/model/hold-check.ts';

/** A change waits until each of its objects has the annotation. */
export const waitForGo: HoldCheck = {
  name: 'Go',
  check({ proposal, timing }) {
    const mayGo = proposal.intents.every(({ object }) => object.metadata.annotations?.['example.com/go']);
    if (mayGo) return undefined;
    const message = 'The change waits until each of its objects has the annotation example.com/go. Set it to go on.';
    return { reason: 'Held', message, stalled: false, afterMs: timing.busy[0] };
  },
};
