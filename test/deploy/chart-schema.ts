import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CHART } from './chart.ts';

export interface Schema {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly allOf?: readonly { readonly pattern: string }[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** What values the chart takes. */
export const schema = JSON.parse(readFileSync(join(CHART, 'values.schema.json'), 'utf8')) as Schema;

/** What is in it, with where that is. */
export function leavesOf(value: unknown, path = ''): { readonly path: string; readonly leaf: unknown }[] {
  if (typeof value !== 'object' || value === null) return [{ path, leaf: value }];
  return Object.entries(value).flatMap(([name, member]) => leavesOf(member, path === '' ? name : `${path}.${name}`));
}

/** The values that a schema knows, flags of config and what is for Helm left out. */
export function valuesIn({ properties }: Schema, path = ''): string[] {
  if (properties === undefined || path === 'config') return [path];
  return Object.entries(properties).flatMap(([name, member]) =>
    name === 'global' ? [] : valuesIn(member, path === '' ? name : `${path}.${name}`),
  );
}

/** Whether a flag of config takes this value. */
export function takes({ pattern = '', allOf = [], minimum = 0, maximum = 0 }: Schema, value: string | number): boolean {
  if (typeof value === 'number') return value >= minimum && value <= maximum;
  return [pattern, ...allOf.map((one) => one.pattern)].every((one) => new RegExp(one).test(value));
}

/** A value that a flag can have. */
export function sample(name: string, { type, enum: choices, pattern = '' }: Schema): string | number | boolean {
  const special: Record<string, string> = {
    armApiVersion: '2026-06-01',
  };
  if (special[name] !== undefined) return special[name];
  if (choices) return choices.at(-1) ?? '';
  if (type === 'boolean') return true;
  if (type === 'integer') return 1000;
  if (pattern.startsWith('^https')) return 'https://example.com';
  return pattern === '' ? 'text' : '30s';
}
