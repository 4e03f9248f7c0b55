import type { Observation } from './observation.ts';
import type { RotationIntent } from './rotation.ts';
import { namespaceOf, type Way } from './way.ts';
import { asksOperator } from './ways.ts';

/** The key of the operator's ways. */
export const OPERATOR = 'Operator';

/** Objects with equal keys have the same access to their cluster. */
export function accessKeyOf(intent: RotationIntent, { refused }: Observation['ways']): string {
  if (refused.has(intent.name)) return `Refused/${intent.name}`;
  return asksOperator(intent) ? OPERATOR : `Namespace/${namespaceOf(intent)}`;
}

/** The ways that the object may use: those of its own namespace, or those of the operator where it asks for them. */
export function waysFor(intent: RotationIntent, ways: Observation['ways']): readonly Way[] {
  if (ways.refused.has(intent.name)) return [];
  return asksOperator(intent) ? ways.operator : (ways.namespaces.get(namespaceOf(intent)) ?? []);
}
