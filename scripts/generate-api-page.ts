/** Writes docs/reference/api.md from crds/*.yaml: every field with its type, default, validation and description. */
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { writePage } from './pages.ts';

interface Rule {
  readonly rule: string;
  readonly message: string;
}

interface Schema {
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly 'x-kubernetes-validations'?: readonly Rule[];
}

interface Crd {
  readonly spec: {
    readonly group: string;
    readonly scope: string;
    readonly names: { readonly kind: string; readonly plural: string; readonly shortNames: readonly string[] };
    readonly versions: readonly {
      readonly name: string;
      readonly additionalPrinterColumns: readonly Column[];
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

interface Column {
  readonly name: string;
  readonly description?: string;
  readonly jsonPath: string;
  readonly priority?: number;
}

const plain = (text: string) => text.trim().replaceAll(/[<_*[]/g, String.raw`\$&`);
const code = (text: string) => '`' + text + '`';

function typeOf(schema: Schema): string {
  if (schema.items) return `list of ${typeOf(schema.items)}`;
  if (typeof schema.additionalProperties === 'object') return `map of ${typeOf(schema.additionalProperties)}`;
  return schema.format ?? schema.type;
}

function limits(schema: Schema, unit: string): string[] {
  const range = (low: number | undefined, high: number | undefined, of: string) => {
    if (low === undefined && high === undefined) return [];
    if (low === undefined) return [`at most ${high}${of}`];
    return [high === undefined ? `at least ${low}${of}` : `${low} to ${high}${of}`];
  };
  return [
    ...(schema.enum ? [schema.enum.map(code).join(', ')] : []),
    ...range(schema.minimum, schema.maximum, ''),
    ...range(schema.minLength, schema.maxLength, ` characters${unit}`),
    ...range(schema.minItems, schema.maxItems, ' elements'),
    ...(schema.pattern === undefined ? [] : [code(schema.pattern)]),
    ...(schema['x-kubernetes-validations'] ?? []).map(({ message }) => plain(message)),
    ...(schema.items && !schema.items.properties ? limits(schema.items, ' each') : []),
  ];
}

/** The fields below a schema, depth first: an item of a list for each, with its path. */
function* fieldsOf(schema: Schema, path: string): Generator<string> {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const here = `${path}.${name}`;
    const must = schema.required?.includes(name) ? ', required' : '';
    const preset = field.default === undefined ? '' : `, default ${code(JSON.stringify(field.default))}`;
    const allowed = limits(field, '');
    const rules = allowed.length > 0 ? ` Allowed: ${allowed.join('; ')}.` : '';
    yield `- ${code(here)}: ${typeOf(field)}${must}${preset}. ${plain(field.description ?? '')}${rules}`;
    yield* fieldsOf(field, here);
    if (field.items) yield* fieldsOf(field.items, `${here}[]`);
  }
}

function sectionOf({ spec }: Crd): string {
  const { kind, plural, shortNames } = spec.names;
  return spec.versions
    .map(({ name, additionalPrinterColumns, schema: { openAPIV3Schema: schema } }) => {
      const columns = additionalPrinterColumns.map(
        ({ name: column, jsonPath, description, priority }) =>
          `- ${column}${priority ? ' (with `-o wide`)' : ''}: ${code(jsonPath)}. ${plain(description ?? '')}`,
      );
      const parts = ['spec', 'status'].flatMap((part) => {
        const inner = schema.properties?.[part];
        if (!inner) return [];
        const rules = (inner['x-kubernetes-validations'] ?? []).map(
          ({ message }) => `An edit is refused that ${plain(message)}.`,
        );
        return [`### ${kind} ${part}`, ...rules, [...fieldsOf(inner, part)].join('\n')];
      });
      return [
        `## ${kind}`,
        `${code(`${plural}.${spec.group}/${name}`)}, ${spec.scope === 'Cluster' ? 'cluster-scoped' : 'namespaced'}, short name ${shortNames.map(code).join(', ')}. ${plain(schema.description ?? '')}`,
        ...parts,
        `### ${kind} columns`,
        columns.join('\n'),
      ].join('\n\n');
    })
    .join('\n\n');
}

const folder = new URL('../crds/', import.meta.url);
const kinds = readdirSync(folder)
  .filter((name) => name.endsWith('.yaml'))
  .toSorted()
  .map((file) => sectionOf(parse(readFileSync(new URL(file, folder), 'utf8')) as Crd));
const page = `# API

The objects of aks-ca-trust, with every field. \`kubectl explain cct.spec\` shows the same of the cluster that you use.

<!-- Generated from crds/*.yaml: make generate -->

${kinds.join('\n\n')}
`;
await writePage('api', page);
