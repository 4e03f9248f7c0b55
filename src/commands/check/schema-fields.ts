/** The members of an OpenAPI schema that are read here. */
export interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
}

/** The API server describes these itself. */
const OUTSIDE = new Set(['apiVersion', 'kind', 'metadata']);

/** Every field of a schema, and every value of an enumeration: `spec.deletionPolicy`, `spec.deletionPolicy=Retain`. */
export function fieldsOf(schema: Schema): string[] {
  const top = Object.entries(schema.properties ?? {}).filter(([name]) => !OUTSIDE.has(name));
  return top.flatMap(([name, member]) => below(name, member)).sort();
}

function below(path: string, { properties = {}, items, enum: values = [] }: Schema): string[] {
  return [
    path,
    ...values.map((value) => `${path}=${String(value)}`),
    ...Object.entries(properties).flatMap(([name, member]) => below(`${path}.${name}`, member)),
    ...(items === undefined ? [] : below(`${path}[]`, items)),
  ];
}
