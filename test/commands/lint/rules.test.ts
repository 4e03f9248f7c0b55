import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { judgeRule } from '../../../src/commands/lint/rules.ts';

function rulesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'rule' && typeof member === 'string' ? [member] : rulesIn(member),
  );
}

const rulesOf = (kind: string) =>
  rulesIn(parse(readFileSync(new URL(`../../../crds/${kind}.yaml`, import.meta.url), 'utf8')));

it.each(['customcatrusts', 'certificaterotations'])(
  'every rule of %s is judged, but for those about a change',
  (kind) => {
    const rules = rulesOf(kind);
    expect(rules.length).toBeGreaterThan(8);
    expect(rules.filter((rule) => judgeRule(rule, {}) === undefined && !rule.includes('oldSelf'))).toEqual([]);
  },
);
