/** The members of `source` without those that `names` lists. */
export function omit<T extends object, K extends keyof T>(source: T, names: readonly K[]): Omit<T, K> {
  const left: ReadonlySet<PropertyKey> = new Set(names);
  return Object.fromEntries(Object.entries(source).filter(([name]) => !left.has(name))) as Omit<T, K>;
}
