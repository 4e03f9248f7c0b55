import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidAnswerError } from '../../src/azure/cluster-model.ts';
import { replaceList, type ListItem } from '../../src/azure/replace-list.ts';

const LIST = 'customCATrustCertificates';
const withList = (list: string) => `{"properties":{"securityProfile":{"${LIST}":${list}}}}`;

describe('the list in the text of a cluster', () => {
  it.each([
    ['[]', [], '[]'],
    ['["YQ=="]', [], '[]'],
    ['["YQ=="]', [{ keep: 0 }], '["YQ=="]'],
    ['[ "YQ==" ,\n "Yg==" ]', [{ keep: 1 }, { add: 'Yw==' }], '["Yg==","Yw=="]'],
    [String.raw`["YQ\u003d\u003d","a\/b"]`, [{ keep: 1 }, { keep: 0 }], String.raw`["a\/b","YQ\u003d\u003d"]`],
    ['null', [{ add: 'YQ==' }], '["YQ=="]'],
    ['[]', [{ add: 'quote " and \\ and \u2028' }], '["quote \\" and \\\\ and \u2028"]'],
  ])('%s with %j becomes %s', (before, items, after) => {
    expect(replaceList(withList(before), items)).toBe(withList(after));
  });

  it.each([
    ['{"properties":{}}', `{"properties":{"securityProfile":{"${LIST}":["YQ=="]}}}`],
    ['{ "properties": { "a": 1 } }', `{ "properties": { "a": 1,"securityProfile":{"${LIST}":["YQ=="]} } }`],
    ['{"properties":{"securityProfile": null}}', `{"properties":{"securityProfile": {"${LIST}":["YQ=="]}}}`],
    ['{"properties":{"securityProfile":{ }}}', `{"properties":{"securityProfile":{ "${LIST}":["YQ=="]}}}`],
    [
      '{"properties":{"securityProfile":{"defender":{}}},"z":[1]}',
      `{"properties":{"securityProfile":{"defender":{},"${LIST}":["YQ=="]}},"z":[1]}`,
    ],
    [
      String.raw`{"propert\u0069es":{"securityProfile":{"customCATrustCertificate\u0073":[]}}}`,
      String.raw`{"propert\u0069es":{"securityProfile":{"customCATrustCertificate\u0073":["YQ=="]}}}`,
    ],
  ])('is put where it belongs: %s', (before, after) => {
    expect(replaceList(before, [{ add: 'YQ==' }])).toBe(after);
  });

  it.each([
    ['[]', 'not a JSON object'],
    ['', 'not a JSON object'],
    ['7', 'not a JSON object'],
    ['{"properties":[]}', 'no object at properties'],
    ['{}', 'no object at properties'],
    ['{"properties":{"securityProfile":[]}}', 'no object at properties.securityProfile'],
    ['{"properties":{"securityProfile":""}}', 'no object at properties.securityProfile'],
    [withList('{}'), `no array at ${LIST}`],
    [withList('"YQ=="'), `no array at ${LIST}`],
    ['{"properties":{},"properties":{}}', 'the member properties 2 times'],
    ['{"properties":{"securityProfile":{},"securityProfile":{}}}', 'the member securityProfile 2 times'],
    [`{"properties":{"securityProfile":{"${LIST}":[],"${LIST}":null}}}`, `the member ${LIST} 2 times`],
    [`{"properties":{},"propert\\u0069es":{}}`, 'the member properties 2 times'],
    ['{"properties":{"securityProfile":{}}', 'not JSON'],
    ['{"properties":{"securityProfile":{},}}', 'not JSON'],
    ['{"properties":{"securityProfile":{}}} trailing', 'not JSON'],
    ['{"properties":{"securityProfile":{}} /* comment */}', 'not JSON'],
  ])('is not touched where the text leaves anything open: %s', (text, why) => {
    const replace = () => replaceList(text, []);
    expect(replace).toThrow(InvalidAnswerError);
    expect(replace).toThrow(why);
  });

  it('is not guessed where an element to keep is not there', () => {
    expect(() => replaceList(withList('["YQ=="]'), [{ keep: 1 }])).toThrow(RangeError);
  });

  it.each([
    ['arrays', '[', ']'],
    ['objects', '{"a":', '}'],
  ])('is refused, without a crash, beside %s a hundred thousand levels deep', (_kind, open, close) => {
    const deep = `${open.repeat(100_000)}1${close.repeat(100_000)}`;
    expect(() => replaceList(`{"deep":${deep},"properties":{}}`, [])).toThrow(InvalidAnswerError);
    expect(() => replaceList(`{"deep":${deep},"properties":{}}`, [])).toThrow('nested');
  });

  it('is replaced beside anything ARM nests', () => {
    const deep = `${'['.repeat(200)}${']'.repeat(200)}`;
    expect(replaceList(`{"deep":${deep},"properties":{}}`, [])).toContain(deep);
  });
});

const space = fc.string({ unit: fc.constantFrom(' ', '\n', '\t', '\r'), maxLength: 3 });
/** Any but the one that stands for bytes that are no UTF-8. */
const grapheme = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 2 }).filter((text) => !text.includes('\ufffd'));
/** A character the way JSON may spell it. */
const spelled = fc.oneof(
  grapheme.map((text) => JSON.stringify(text).slice(1, -1)),
  fc.constantFrom(String.raw`\u0041`, String.raw`\/`, String.raw`\"`, String.raw`\\`, String.raw`\ud83d\ude00`),
  fc.constantFrom(String.raw`\ud800`, '\u2028', '\u202e', '😀', 'é', 'e\u0301'),
);
const stringText = fc.array(spelled, { maxLength: 6 }).map((parts) => `"${parts.join('')}"`);
const scalarText = fc.oneof(
  stringText,
  fc.constantFrom('12345678901234567890', '1.0', '1e3', '-0', '1E+2', '0.1e-7', '1e400', 'true', 'false', 'null'),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
);
const keyText = fc.oneof(
  stringText,
  fc.constantFrom('"__proto__"', '"constructor"', '"Properties"', '"PROPERTIES"', '"securityprofile"', '""'),
  fc.constantFrom('"CustomCATrustCertificates"', '"customCaTrustCertificates"', '"value"', '"offset"'),
);

const { valueText } = fc.letrec<{ valueText: string }>((tie) => ({
  valueText: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalarText,
    fc
      .tuple(fc.array(tie('valueText'), { maxLength: 4 }), space)
      .map(([items, gap]) => `[${gap}${items.join(`${gap},`)}]`),
    fc.array(fc.tuple(keyText, tie('valueText'), space), { maxLength: 4 }).map(printObject),
  ),
}));

type Member = readonly [key: string, value: string, gap: string];

function printObject(members: readonly Member[]): string {
  return `{${members.map(([key, value, gap]) => `${gap}${key}${gap}:${gap}${value}${gap}`).join(',')}}`;
}

const RESERVED = ['properties', 'securityProfile', LIST];
/** Members that do not hold the path: it would then be there twice. */
const others = fc
  .array(fc.tuple(keyText, valueText, space), { maxLength: 4 })
  .map((members) => members.filter(([key]) => !RESERVED.includes(JSON.parse(key) as string)));

interface Body {
  /** Everything up to the list's value. */
  readonly before: string;
  readonly elements: readonly string[];
  readonly list: string;
  readonly after: string;
}

const HOLE = '"\u0000hole\u0000"';

/** A cluster's text with a list in it; members come before, after and around it. */
const body: fc.Arbitrary<Body> = fc
  .tuple(fc.array(stringText, { maxLength: 10 }), space, others, others, others, fc.nat(), space)
  .map(([elements, gap, inRoot, inProperties, inProfile, at, edge]) => {
    const around = (members: readonly Member[], key: string, value: string) => {
      const place = at % (members.length + 1);
      return printObject([...members.slice(0, place), [`"${key}"`, value, gap], ...members.slice(place)]);
    };
    const text = `${edge}${around(inRoot, 'properties', around(inProperties, 'securityProfile', around(inProfile, LIST, HOLE)))}${edge}`;
    const [before = '', after = ''] = text.split(HOLE);
    return { before, elements, list: `[${gap}${elements.join(`${gap},${gap}`)}${gap}]`, after };
  });

const itemsFor = (length: number): fc.Arbitrary<ListItem[]> => {
  const add = fc.base64String({ maxLength: 12 }).map((text) => ({ add: text }));
  const keep = fc.nat({ max: Math.max(0, length - 1) }).map((index) => ({ keep: index }));
  return fc.array(length === 0 ? add : fc.oneof(add, keep), { maxLength: 10 });
};

describe('whatever else a cluster has', () => {
  it('stays as it is, character by character, and so do the elements that stay', () => {
    const change = body.chain((made) => fc.tuple(fc.constant(made), itemsFor(made.elements.length)));
    fc.assert(
      fc.property(change, ([{ before, elements, list, after }, items]) => {
        JSON.parse(before + list + after);
        const result = replaceList(before + list + after, items);
        const written = items.map((item) => ('add' in item ? JSON.stringify(item.add) : elements[item.keep]));
        expect(result).toBe(`${before}[${written.join(',')}]${after}`);
      }),
    );
  });

  it('does not depend on how often the list was replaced before', () => {
    fc.assert(
      fc.property(body, ({ before, elements, list, after }) => {
        const keepAll = elements.map((_text, index) => ({ keep: index }));
        const once = replaceList(before + list + after, keepAll);
        expect(replaceList(once, keepAll)).toBe(once);
        expect(JSON.parse(once)).toEqual(JSON.parse(before + list + after));
      }),
    );
  });

  it('gets no list twice: it is added where there was none and replaced from then on', () => {
    fc.assert(
      fc.property(others, others, fc.base64String(), (inRoot, inProperties, added) => {
        const text = printObject([...inRoot, ['"properties"', printObject(inProperties), '']]);
        const result = replaceList(text, [{ add: added }]);
        expect(replaceList(result, [{ keep: 0 }])).toBe(result);
        // What was inserted is one run of characters.
        const inserted = result.length - text.length;
        const start = [...Array(text.length + 1).keys()].find(
          (at) => text === result.slice(0, at) + result.slice(at + inserted),
        );
        expect(start).toBeDefined();
      }),
    );
  });
});

describe('a body of megabytes', () => {
  it('is written anew in a time that grows with its length only', () => {
    const of = (members: number) =>
      `{"x":[${Array(members).fill('{"name":"tag","value":"0123456789"}').join(',')}],"properties":{"securityProfile":{}}}`;
    const [small, large] = [of(4_000), of(32_000)];
    const time = (text: string) => {
      // Of this process alone: others share the machine.
      const before = process.cpuUsage();
      replaceList(text, [{ add: 'YQ==' }]);
      return Math.max(1, process.cpuUsage(before).user);
    };
    for (let i = 0; i < 5; i++) time(small);
    const best = (text: string) => Math.min(...Array.from({ length: 7 }, () => time(text)));
    expect(best(large) / best(small)).toBeLessThan(32);
  });
});
