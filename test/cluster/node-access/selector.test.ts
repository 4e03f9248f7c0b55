import { describe, expect, it } from '@jest/globals';
import { selects } from '../../../src/cluster/node-access/selector.ts';

const LABELS = { app: 'web', tier: 'front' };

describe('a selector', () => {
  it.each<[unknown, boolean]>([
    [{}, true],
    [null, false],
    [undefined, false],
    [{ matchLabels: { app: 'web' } }, true],
    [{ matchLabels: { app: 'web', tier: 'back' } }, false],
    [{ matchExpressions: [{ key: 'app', operator: 'In', values: ['api', 'web'] }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'In', values: ['api'] }] }, false],
    [{ matchExpressions: [{ key: 'none', operator: 'In', values: ['web'] }] }, false],
    [{ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] }, false],
    [{ matchExpressions: [{ key: 'none', operator: 'NotIn', values: ['web'] }] }, true],
    [{ matchExpressions: [{ key: 'tier', operator: 'Exists' }] }, true],
    [{ matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }, false],
    [{ matchExpressions: [{ key: 'none', operator: 'DoesNotExist' }] }, true],
    [{ matchExpressions: [{ key: 'app', operator: 'Unheard' }] }, false],
    [{ matchLabels: { app: 'web' }, matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] }, false],
    [{ matchLabels: null, matchExpressions: null }, true],
    [{ matchLabels: 5 }, false],
    [{ matchLabels: { app: 5 } }, false],
    [{ matchExpressions: [null] }, false],
    [{ matchLabels: { constructor: 'Object' } }, false],
    [{ matchExpressions: [{ key: 'constructor', operator: 'Exists' }] }, false],
    [5, false],
  ])('%j: %s', (selector, matches) => {
    expect(selects(selector, LABELS)).toBe(matches);
  });
});
