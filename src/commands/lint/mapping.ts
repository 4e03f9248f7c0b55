/** A mapping of YAML or JSON. */
export type Mapping = Readonly<Record<string, unknown>>;

/** Where a part of a document is: keys of mappings and indices of lists, from the outside in. */
export type Path = readonly (string | number)[];

/** True for a mapping. YAML reads some texts as dates, which the API server gets as text. */
export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
