import { SPEC_SCHEMAS } from '../../api/generated/spec-schemas.ts';
import { escapeForDisplay } from '../../api/display.ts';
import { isMapping, type Mapping, type Path } from './mapping.ts';
import { judgeRule } from './rules.ts';

/** The members of a structural schema that are applied here. */
export interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly default?: unknown;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string; readonly message: string }[];
}

/** A value that the API server refuses, or a member that it does not know. */
export interface SchemaFault {
  readonly path: Path;
  readonly code: 'UnknownField' | 'MissingField' | 'InvalidValue';
  readonly message: string;
  readonly fix?: string;
}

/** The schema of `spec` of a kind that people write; undefined for another kind. */
export function schemaOf(kind: string): Schema | undefined {
  return Object.hasOwn(SPEC_SCHEMAS, kind) ? (SPEC_SCHEMAS[kind] as Schema) : undefined;
}

/** Most faults of one object. */
const MOST = 50;
const QUOTED = 64;

/**
 * Finds what the API server would refuse of a value, and members that its schema does not have. Rules that compare with an earlier
 * version of the object are left to the API server.
 */
export function faultsOf(value: unknown, schema: Schema, path: Path): SchemaFault[] {
  const faults: SchemaFault[] = [];
  visit(value, schema, path, faults);
  return faults.slice(0, MOST);
}

function visit(value: unknown, schema: Schema, path: Path, faults: SchemaFault[]): void {
  if (faults.length >= MOST) return;
  // The API server takes null for absent where there is a default.
  if (value === null && schema.default !== undefined) return;
  const wrong = typeFault(value, schema) ?? scalarFault(value, schema);
  if (wrong !== undefined) {
    faults.push({ path, code: 'InvalidValue', message: `${shown(path)} ${wrong}.` });
    return;
  }
  if (Array.isArray(value)) visitList(value, schema, path, faults);
  else if (isMapping(value)) visitMapping(value, schema, path, faults);
  for (const { rule, message } of schema['x-kubernetes-validations'] ?? []) {
    if (judgeRule(rule, value) === false)
      faults.push({ path, code: 'InvalidValue', message: `${shown(path)}: it ${message}.` });
  }
}

function visitMapping(
  value: Mapping,
  { properties = {}, required = [] }: Schema,
  path: Path,
  faults: SchemaFault[],
): void {
  const names = Object.keys(properties);
  for (const [name, member] of Object.entries(value)) {
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (known) {
      visit(member, known, [...path, name], faults);
      continue;
    }
    const meant = names.find((one) => isLike(one, name));
    const message = `${shown([...path, name])} is no field of this version, and the API server refuses or drops it.`;
    const fix = meant === undefined ? `Known are: ${names.join(', ')}.` : `Write ${meant}.`;
    faults.push({ path: [...path, name], code: 'UnknownField', message, fix });
  }
  for (const name of required) {
    if (Object.hasOwn(value, name)) continue;
    faults.push({ path, code: 'MissingField', message: `${shown(path)} has no ${name}.`, fix: `Add ${name}.` });
  }
}

function visitList(value: readonly unknown[], schema: Schema, path: Path, faults: SchemaFault[]): void {
  const { items, maxItems = Infinity, minItems = 0 } = schema;
  if (value.length > maxItems || value.length < minItems) {
    const bound = value.length > maxItems ? `more than ${maxItems}` : `fewer than ${minItems}`;
    faults.push({ path, code: 'InvalidValue', message: `${shown(path)} has ${bound} elements.` });
    return;
  }
  const [key] = schema['x-kubernetes-list-map-keys'] ?? [];
  const isSet = schema['x-kubernetes-list-type'] === 'set';
  const seen = new Set<unknown>();
  for (const [index, item] of value.entries()) {
    if (items) visit(item, items, [...path, index], faults);
    const id = isSet ? item : key !== undefined && isMapping(item) ? item[key] : undefined;
    if (typeof id !== 'string') continue;
    if (seen.has(id)) {
      const message = `${shown(path)} has "${escapeForDisplay(id, QUOTED)}" twice.`;
      faults.push({ path: [...path, index], code: 'InvalidValue', message, fix: 'Give each its own name.' });
    }
    seen.add(id);
  }
}

function typeFault(value: unknown, { type }: Schema): string | undefined {
  const found = typeOf(value);
  if (type === undefined || found === type || (type === 'number' && found === 'integer')) return undefined;
  const quote = type === 'string' && found !== 'null' && found !== 'object' && found !== 'array';
  return `is ${WITH_ARTICLE[found] ?? found}, and must be ${WITH_ARTICLE[type] ?? type}${quote ? ': put it in quotes' : ''}`;
}

function scalarFault(value: unknown, schema: Schema): string | undefined {
  if (schema.enum && !schema.enum.includes(value)) return `can be ${schema.enum.map(String).join(' or ')}`;
  if (typeof value === 'string') {
    // In code points, as the API server counts.
    const length = value.length <= (schema.maxLength ?? Infinity) ? value.length : [...value].length;
    if (length > (schema.maxLength ?? Infinity)) return `is longer than ${schema.maxLength ?? 0} characters`;
    if (length < (schema.minLength ?? 0)) return 'is empty';
    if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value))
      return `does not have the form ${schema.pattern}`;
  }
  if (typeof value === 'number') {
    const { minimum = -Infinity, maximum = Infinity } = schema;
    if (value < minimum || value > maximum) return `must be from ${minimum} to ${maximum}`;
  }
  return undefined;
}

const WITH_ARTICLE: Readonly<Record<string, string>> = {
  object: 'a mapping',
  array: 'a list',
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  null: 'empty',
};

function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  // YAML reads some texts as dates, which the API server gets as text.
  if (value instanceof Date) return 'string';
  if (typeof value === 'number' || typeof value === 'bigint')
    return Number.isInteger(Number(value)) ? 'integer' : 'number';
  return typeof value;
}

/** True where one is the other in other case, in the singular or plural, or with one character more, less or different. */
function isLike(a: string, b: string): boolean {
  const [one, two] = [a.toLowerCase(), b.toLowerCase()];
  if (Math.abs(one.length - two.length) > 1) return false;
  let same = 0;
  while (same < one.length && one[same] === two[same]) same++;
  const rests = [one.slice(same), two.slice(same)] as const;
  return rests[0].slice(1) === rests[1].slice(1) || rests[0] === rests[1].slice(1) || rests[0].slice(1) === rests[1];
}

/** A path as people write it: `spec.certificates[2].pem`. */
export function shown(path: Path): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
  return escapeForDisplay(text.replace(/^\./, ''), 160);
}
