type Judge = (self: unknown) => boolean;

/** How rules write the hours of a duration such as 90d or 36h. */
const HOURS = String.raw`int\(self\.replace\('d', ''\)\.replace\('h', ''\)\) \* \(self\.endsWith\('d'\) \? 24 : 1\)`;

/** A rule's text, as the schemas of this project write it, and how to judge a value by it. */
const FORMS: readonly (readonly [form: RegExp, judgeOf: (groups: readonly string[]) => Judge])[] = [
  [
    /^self(\.lowerAscii\(\))?\.matches\('([^']*)'\)( && self != '\.' && !self\.startsWith\('\.\.'\))?$/,
    ([, lower, pattern = '', notDots]) => {
      // In the text of a rule, each backslash is escaped.
      const form = new RegExp(pattern.replaceAll('\\\\', '\\'), 'u');
      return (self) => {
        const text = lower === undefined ? String(self) : lowerAscii(String(self));
        return form.test(text) && (notDots === undefined || (text !== '.' && !text.startsWith('..')));
      };
    },
  ],
  [
    /^!\(self in \[(.*)\]\)$/,
    ([, list = '']) => {
      const refused = [...list.matchAll(/'([^']*)'/g)].map(([, word]) => word);
      return (self) => !refused.includes(String(self));
    },
  ],
  [
    /^\[(has\(.*\))\]\.exists_one\(given, given\)$/,
    ([, list = '']) => {
      const names = [...list.matchAll(/self\.(\w+)/g)].map(([, name = '']) => name);
      return (self) => names.filter((name) => has(self, name)).length === 1;
    },
  ],
  [
    /^has\(self\.(\w+)\) (!=|==) has\(self\.(\w+)\)$/,
    ([, one = '', operator, other = '']) =>
      (self) =>
        (has(self, one) === has(self, other)) === (operator === '=='),
  ],
  [
    /^has\(self\.(\w+)\) \|\| !has\(self\.(\w+)\)$/,
    ([, one = '', other = '']) =>
      (self) =>
        has(self, one) || !has(self, other),
  ],
  [
    /^!has\(self\.(\w+)\) \|\| self\.\1 != '(\w+)' \|\| \(has\(self\.(\w+)\) && self\.\3\)$/,
    ([, name = '', word, consent = '']) =>
      (self) =>
        memberOf(self, name) !== word || memberOf(self, consent) === true,
  ],
  [
    // A rule of the same field judges its form.
    new RegExp(
      `^!self\\.matches\\('([^']*)'\\) \\|\\| (?:${HOURS} [<>]= \\d+|\\(${HOURS} >= \\d+ && ${HOURS} <= \\d+\\))$`,
    ),
    ([rule = '', pattern = '']) => {
      const form = new RegExp(pattern, 'u');
      const bounds = [...rule.matchAll(/ ([<>])= (\d+)/g)].map(([, sign, bound]) => ({ sign, bound: Number(bound) }));
      return (self) => {
        const text = String(self);
        if (!form.test(text)) return true;
        const hours = Number.parseInt(text, 10) * (text.endsWith('d') ? 24 : 1);
        return bounds.every(({ sign, bound }) => (sign === '<' ? hours <= bound : hours >= bound));
      };
    },
  ],
];

/** Judges of rules that were used before; undefined for a rule of another form. */
const known = new Map<string, Judge | undefined>();

/** Whether a value fulfils a rule of a schema; undefined for a rule that is not judged here, such as one about a change. */
export function judgeRule(rule: string, self: unknown): boolean | undefined {
  if (!known.has(rule)) known.set(rule, judgeOf(rule));
  return known.get(rule)?.(self);
}

function judgeOf(rule: string): Judge | undefined {
  if (rule.includes('oldSelf')) return undefined;
  for (const [form, make] of FORMS) {
    const groups = form.exec(rule);
    if (groups !== null) return make(groups);
  }
  return undefined;
}

function has(self: unknown, name: string): boolean {
  return typeof self === 'object' && self !== null && Object.hasOwn(self, name);
}

function memberOf(self: unknown, name: string): unknown {
  return has(self, name) ? (self as Readonly<Record<string, unknown>>)[name] : undefined;
}

function lowerAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
