/** The members of `source` without those that `names` lists. */
export function omit<T extends object, K extends AllKeys<T>>(source: T, names: readonly K[]): Without<T, K> {
  const left: ReadonlySet<PropertyKey> = new Set(names);
  return Object.fromEntries(Object.entries(source).filter(([name]) => !left.has(name))) as Without<T, K>;
}

// Of a union, each member loses the members of its own.
type AllKeys<T> = T extends unknown ? keyof T : never;
type Without<T, K> = T extends unknown ? Omit<T, K & keyof T> : never;
