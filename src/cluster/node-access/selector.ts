import { listAt, member, textAt } from '../../kubernetes/untrusted/untyped.ts';

/**
 * Matches labels as the API server does: an empty selector matches every pod, an absent one matches no pod (policy/v1). A selector
 * of another shape matches no pod.
 */
export function selects(selector: unknown, labels: unknown): boolean {
  if (typeof selector !== 'object' || selector === null) return false;
  const required = member(selector, 'matchLabels') ?? {};
  if (typeof required !== 'object') return false;
  return (
    Object.entries(required).every(([key, value]) => typeof value === 'string' && member(labels, key) === value) &&
    listAt(selector, 'matchExpressions').every((expression) => isMet(expression, labels))
  );
}

function isMet(expression: unknown, labels: unknown): boolean {
  const value = member(labels, textAt(expression, 'key') ?? '');
  const values = listAt(expression, 'values');
  switch (textAt(expression, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
