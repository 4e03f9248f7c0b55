import { describe, expect, it } from '@jest/globals';
import { reportOn } from '../../src/commands/status/cluster-report.ts';
import {
  createJsonLines,
  createLog,
  createScreen,
  printJson,
  printText,
  type Frame,
} from '../../src/commands/status/display.ts';
import { outputTo, type Output, type Terminal } from '../../src/commands/status/output.ts';
import { NOW, pool, record, trust, UPDATING } from './status-states.ts';

/** With escape codes that can be read: `<[2J`. */
const visible = (text = '') => text.replaceAll('\x1b', '<').replaceAll('\x9b', '<[');
const COLOUR = /<\[\d+m/;

interface Sink extends Output {
  readonly written: string[];
  readonly warned: string[];
}

function sink(terminal: Partial<Terminal> = {}, env: Record<string, string> = {}): Sink {
  const [written, warned]: [string[], string[]] = [[], []];
  const stream: Terminal = { write: (text) => written.push(text), on: () => {}, off: () => {}, ...terminal };
  const output = outputTo(stream, { write: (text) => warned.push(text) }, env);
  return { ...output, written, warned };
}

const TTY = { isTTY: true, columns: 100, rows: 30 };

function frame(reimaged: number, others: Partial<Frame> = {}): Frame {
  const nodePools = [pool('system', 3, 3), pool('apps', 9, reimaged)];
  return {
    reports: reportOn([trust()], [record({ ...UPDATING, nodePools })]),
    notices: [],
    trouble: undefined,
    now: NOW,
    ...others,
  };
}

describe('what is known of an output', () => {
  it.each([
    ['a pipe', {}, { LANG: 'C.UTF-8' }, { redraws: false, colour: false, blocks: false }],
    ['a terminal', TTY, { LANG: 'C.UTF-8' }, { redraws: true, colour: true, blocks: true }],
    ['a terminal without UTF-8', TTY, { LANG: 'C.UTF-8', LC_ALL: 'C' }, { redraws: true, colour: true, blocks: false }],
    [
      'a terminal with NO_COLOR',
      TTY,
      { LANG: 'en_US.utf8', NO_COLOR: '1' },
      { redraws: true, colour: false, blocks: true },
    ],
    ['a dumb terminal', TTY, { LANG: 'C.UTF-8', TERM: 'dumb' }, { redraws: false, colour: false, blocks: false }],
  ])('%s', (_, terminal, env, known) => {
    expect(sink(terminal, env)).toMatchObject(known);
  });

  it('lines are broken for terminals only, with a column to spare', () => {
    expect(sink().columns()).toBe(Infinity);
    expect(sink({ ...TTY, columns: 100 }).columns()).toBe(99);
  });
});

describe('one look', () => {
  it('is plain ASCII without escape codes in a pipe, with notices apart', () => {
    const output = sink();
    printText(frame(4, { notices: ['something \x1b[2J is missing'] }), { output, certificates: false });
    expect(output.written.join('')).toMatch(/^[\x20-\x7e\n]+$/);
    expect(output.warned).toEqual(['aks-ca-trust: something \\u{1b}[2J is missing\n']);
  });

  it('is a whole document as JSON, whatever has to be said besides', () => {
    const output = sink(TTY);
    printJson(frame(4, { notices: ['something is missing'] }), { output, certificates: false });
    expect(JSON.parse(output.written.join(''))).toMatchObject({ format: 1, exitCode: 0 });
    expect(output.warned).toEqual(['aks-ca-trust: something is missing\n']);
  });

  it('has colour on a terminal, and none with NO_COLOR', () => {
    const [colour, plain] = [sink(TTY), sink(TTY, { NO_COLOR: '1' })];
    for (const output of [colour, plain]) printText(frame(4), { output, certificates: false });
    expect(visible(colour.written.join(''))).toMatch(COLOUR);
    expect(visible(plain.written.join(''))).not.toContain('<');
  });
});

describe('the screen', () => {
  it('draws each frame over the one before, clearing what is left of lines and below', () => {
    const output = sink(TTY, { NO_COLOR: '1' });
    const screen = createScreen({ output, certificates: false });
    screen.show(frame(4));
    screen.show(frame(5));
    screen.end();
    const [first = '', second = '', end] = output.written.map(visible);
    expect(first).toMatch(/^<\[\?25l\n{30}<\[H2026-/);
    expect(second).toMatch(/^<\[H2026-.*<\[J$/s);
    expect(second.match(/\n/g)).toHaveLength(second.match(/<\[K\n/g)?.length ?? 0);
    // Nothing is cleared before it is drawn anew: that would flicker.
    expect(second.replace(/<\[J$/, '')).not.toMatch(/<\[[0-3]?J/);
    expect(second).not.toMatch(COLOUR);
    expect(end).toBe('<[?25h');
  });

  it('never takes more rows than there are, and keeps the pools that are held up', () => {
    const output = sink({ ...TTY, rows: 20 });
    const blockedBy = 'a budget';
    const nodePools = Array.from({ length: 200 }, (_, n) =>
      pool(`p${n}`, 5, n === 150 ? 2 : 5, n === 150 ? { blockedBy } : {}),
    );
    const reports = reportOn([trust()], [record({ ...UPDATING, nodePools })]);
    const screen = createScreen({ output, certificates: false });
    screen.show(frame(4, { reports }));
    screen.show(frame(4, { reports, trouble: 'what is shown may be old' }));
    const last = output.written[1] ?? '';
    expect(last.match(/\n/g)?.length).toBeLessThan(20);
    expect(last).toContain('p150');
    expect(last).toContain('what is shown may be old');
  });

  it('says how much it leaves out of what does not fit at all', () => {
    const output = sink({ ...TTY, rows: 10 });
    const clusters = Array.from({ length: 30 }, (_, n) => `c${n}`);
    const reports = reportOn(
      clusters.map((cluster) => trust({ name: cluster, cluster })),
      [],
    );
    createScreen({ output, certificates: false }).show(frame(4, { reports }));
    const lines = (output.written[0] ?? '').split('\x1b[H')[1]?.split('\n') ?? [];
    expect(lines.length).toBeLessThanOrEqual(10);
    expect(lines.at(-2)).toMatch(/… \d+ lines more than the window has/);
  });

  it('leaves a terminal alone that it never drew on', () => {
    const output = sink(TTY);
    createScreen({ output, certificates: false }).end();
    expect(output.written).toEqual([]);
  });
});

describe('the log', () => {
  it('says everything once, and then what is another way, each with its time and cluster', () => {
    const output = sink();
    const log = createLog({ output, certificates: false });
    log.show(frame(4));
    const before = output.written.length;
    log.show(frame(4, { now: NOW + 60_000 }));
    expect(output.written.slice(before)).toEqual([]);
    log.show(frame(5, { now: NOW + 61_000 }));
    expect(output.written.slice(before)).toEqual([
      '2026-11-22T12:01:01Z prod: pool apps: 5/9 replaced, 4 waiting, Reimaging\n',
    ]);
    expect(output.written.join('')).toMatch(/^[\x20-\x7e\n]+$/);
  });

  it('says once that an estimate has passed', () => {
    const output = sink();
    const log = createLog({ output, certificates: false });
    log.show(frame(4));
    for (const minutes of [31, 32]) log.show(frame(4, { now: NOW + minutes * 60_000 }));
    expect(output.written.filter((line) => line.includes('later than estimated'))).toHaveLength(1);
  });

  it('says once that the API server does not answer, and that it does again', () => {
    const output = sink();
    const log = createLog({ output, certificates: false });
    const notices = ['something is missing'];
    log.show(frame(4, { notices }));
    expect(output.written.at(-1)).toBe('2026-11-22T12:00:00Z something is missing\n');
    const before = output.written.length;
    for (const trouble of ['it does not answer', 'it still does not', undefined])
      log.show(frame(4, { notices, trouble }));
    expect(output.written.slice(before)).toEqual([
      '2026-11-22T12:00:00Z it does not answer\n',
      '2026-11-22T12:00:00Z the API server answers again\n',
    ]);
  });
});

describe('JSON, followed', () => {
  it('is one document a line, whenever it is another one', () => {
    const output = sink(TTY);
    const lines = createJsonLines({ output, certificates: false });
    for (const reimaged of [4, 4, 5]) lines.show(frame(reimaged, { trouble: 'old' }));
    expect(output.written).toHaveLength(2);
    for (const line of output.written) {
      expect(line.indexOf('\n')).toBe(line.length - 1);
      expect(JSON.parse(line)).toMatchObject({ format: 1, clusters: [{ name: 'prod' }] });
    }
    expect(output.warned).toEqual(['aks-ca-trust: old\n']);
  });
});
