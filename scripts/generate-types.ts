/** Writes src/api/generated/*.ts from crds/*.yaml: the types, the fields that `check` compares, and the schemas that `lint` applies. `make verify` fails when they differ from what is committed. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { compile, type JSONSchema } from 'json-schema-to-typescript';
import { format } from 'prettier';
import { parse } from 'yaml';
import { fieldsOf, type Schema } from '../src/commands/check/schema-fields.ts';

interface Crd {
  spec: {
    group: string;
    names: { kind: string; plural: string };
    versions: { name: string; schema: { openAPIV3Schema: JSONSchema } }[];
  };
}

const source = new URL('../crds/', import.meta.url);
const target = new URL('../src/api/generated/', import.meta.url);

/** Kubernetes schemas are closed unless they say otherwise; JSON schema is the other way round. */
function close(schema: JSONSchema): JSONSchema {
  const properties = Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, property]) => [name, close(property)]),
  );
  const items = schema.items === undefined ? {} : { items: close(schema.items) };
  // Length limits would become tuple types.
  const { maxItems: _max, minItems: _min, ...rest } = schema;
  return { ...rest, ...items, ...(schema.properties ? { properties, additionalProperties: false } : {}) };
}

/** What is for readers, or for other programs, and says nothing of a value. */
const UNJUDGED = new Set(['description', 'format']);

/** A schema with the members that a value is judged by. */
function judged(schema: JSONSchema): JSONSchema {
  const properties = Object.entries(schema.properties ?? {}).map(([name, property]) => [name, judged(property)]);
  return {
    ...Object.fromEntries(Object.entries(schema).filter(([member]) => !UNJUDGED.has(member))),
    ...(schema.properties ? { properties: Object.fromEntries(properties) as Record<string, JSONSchema> } : {}),
    ...(schema.items === undefined ? {} : { items: judged(schema.items) }),
  };
}

/** Kinds that people write. */
const WRITTEN = new Set(['CustomCATrust', 'CertificateRotation']);
const schemas: Record<string, JSONSchema> = {};

const fields: Record<string, { kind: string; fields: string[] }> = {};
mkdirSync(target, { recursive: true });
for (const file of readdirSync(source).filter((name) => name.endsWith('.yaml'))) {
  const crd = parse(readFileSync(new URL(file, source), 'utf8')) as Crd;
  const { kind, plural } = crd.spec.names;
  const [first] = crd.spec.versions;
  fields[plural] = { kind, fields: fieldsOf((first?.schema.openAPIV3Schema ?? {}) as Schema) };
  const spec = first?.schema.openAPIV3Schema.properties?.['spec'];
  if (spec && WRITTEN.has(kind)) schemas[kind] = judged(spec);
  for (const version of crd.spec.versions) {
    const schema = close(version.schema.openAPIV3Schema);
    const properties = schema.properties ?? {};
    properties['apiVersion'] = { tsType: `'${crd.spec.group}/${version.name}'` };
    properties['kind'] = { tsType: `'${kind}'` };
    properties['metadata'] = { tsType: 'ObjectMeta' };
    for (const part of ['spec', 'status']) {
      const inner = properties[part];
      if (inner) inner.title = `${kind}${part === 'spec' ? 'Spec' : 'Status'}`;
    }
    const required = ['apiVersion', 'kind', 'metadata', ...((schema.required as string[] | undefined) ?? [])];
    const text = await compile({ ...schema, title: kind, required, additionalProperties: false }, kind, {
      bannerComment: `// Generated from crds/${file} by \`make generate\`. Do not edit.\nimport type { ObjectMeta } from '../object-meta.ts';`,
      style: { singleQuote: true, printWidth: 120 },
      strictIndexSignatures: true,
    });
    writeFileSync(new URL(file.replace('.yaml', '.ts'), target), text);
  }
}

const listing = `// Generated from crds/ by \`make generate\`. Do not edit.

/** Every field and every value of an enumeration of each resource, as the CRDs of this version have them. */
export const FIELDS: Readonly<Record<string, { readonly kind: string; readonly fields: readonly string[] }>> = ${JSON.stringify(fields)};
`;
writeFileSync(
  new URL('fields.ts', target),
  await format(listing, { parser: 'typescript', printWidth: 120, singleQuote: true }),
);

const judgedListing = `// Generated from crds/ by \`make generate\`. Do not edit.

/** The schema of \`spec\` of each kind that people write, without descriptions, as the CRDs of this version have it. */
export const SPEC_SCHEMAS: Readonly<Record<string, unknown>> = ${JSON.stringify(schemas)};
`;
writeFileSync(
  new URL('spec-schemas.ts', target),
  await format(judgedListing, { parser: 'typescript', printWidth: 120, singleQuote: true }),
);
