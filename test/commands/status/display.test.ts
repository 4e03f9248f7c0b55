import { describe, expect, it } from '@jest/globals';
import { reportOn } from '../../../src/commands/status/cluster-report.ts';
import {
  createJsonLines,
  createLog,
  createScreen,
  printJson,
  printText,
  type Frame,
} from '../../../src/commands/status/display.ts';
import { outputTo, type Output, type Terminal } from '../../../src/commands/client/output.ts';
import { NOW, pool, record, says, trust, UPDATING, type TrustSeed } from './states.ts';

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
    reports: reportOn({ trusts: [trust()], records: [record({ ...UPDATING, nodePools })] }),
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
    ['a terminal of a CI job', TTY, { LANG: 'C.UTF-8', CI: 'true' }, { redraws: false, colour: true, blocks: true }],
    ['a terminal where CI says false', TTY, { LANG: 'C.UTF-8', CI: 'false' }, { redraws: true }],
    ['a dumb terminal', TTY, { LANG: 'C.UTF-8', TERM: 'dumb' }, { redraws: false, colour: false, blocks: false }],
  ])('%s', (_, terminal, env, known) => {
    expect(sink(terminal, env)).toMatchObject(known);
  });

  it('lines are broken for terminals only, with a column to spare', () => {
    expect(sink().columns()).toBe(Infinity);
    expect(sink({ ...TTY, columns: 100 }).columns()).toBe(99);
    expect(sink({ ...TTY, columns: 20 }).columns()).toBe(19);
  });

  it('a terminal without a size is taken for a common one', () => {
    const output = sink({ ...TTY, columns: 0, rows: 0 });
    expect([output.columns(), output.rows()]).toEqual([79, 24]);
  });
});

describe('one frame', () => {
  it('is plain ASCII without escape codes in a pipe, with notices apart', () => {
    const output = sink();
    printText(frame(4, { notices: ['something \x1b[2J is missing'] }), { output, certificates: false });
    expect(output.written.join('')).toMatch(/^[\x20-\x7e\n]+$/);
    expect(output.warned).toEqual(['aks-ca-trust: something \\u{1b}[2J is missing\n']);
  });

  it('is a whole document as JSON, whatever has to be said besides', () => {
    const output = sink(TTY);
    printJson(frame(4, { notices: ['something is missing'] }), { output, certificates: false });
    expect(JSON.parse(output.written.join(''))).toMatchObject({
      format: 1,
      exitCode: 0,
      notices: ['something is missing'],
    });
    expect(output.warned).toEqual(['aks-ca-trust: something is missing\n']);
  });

  it('has colour on a terminal, and none with NO_COLOR', () => {
    const [colour, plain] = [sink(TTY), sink(TTY, { NO_COLOR: '1' })];
    for (const output of [colour, plain]) printText(frame(4), { output, certificates: false });
    expect(visible(colour.written.join(''))).toMatch(COLOUR);
    expect(visible(plain.written.join(''))).not.toContain('<');
  });
});

/** The lines of one frame on a terminal, plain. */
function drawn(terminal: Partial<Terminal>, reports: Frame['reports']): string[] {
  const output = sink(terminal, { NO_COLOR: '1' });
  createScreen({ output, certificates: false }).show(frame(4, { reports }));
  const text = (output.written[0] ?? '').split('\x1b[H')[1] ?? '';
  return text.replaceAll('\x1b[K', '').replace('\x1b[J', '').split('\n');
}

describe('the screen', () => {
  it('draws each frame over the one before, clearing what is left of lines and below', () => {
    const output = sink(TTY, { NO_COLOR: '1' });
    const screen = createScreen({ output, certificates: false });
    screen.show(frame(4));
    screen.show(frame(5));
    const [first = '', second = ''] = output.written.map(visible);
    expect(first).toMatch(/^\n{30}<\[H2026-/);
    expect(second).toMatch(/^<\[H2026-.*<\[J$/s);
    expect(second.match(/\n/g)).toHaveLength(second.match(/<\[K\n/g)?.length ?? 0);
    // Nothing is cleared before it is drawn anew: that would flicker.
    expect(second.replace(/<\[J$/, '')).not.toMatch(/<\[[0-3]?J/);
    expect(second).not.toMatch(COLOUR);
    // A cursor that was hidden would stay so in the shell that Ctrl-Z leads to.
    expect(first + second).not.toContain('?25');
  });

  it('never takes more rows than there are, and keeps the pools that are held up', () => {
    const output = sink({ ...TTY, rows: 20 });
    const blockedBy = 'a budget';
    const nodePools = Array.from({ length: 200 }, (_, n) =>
      pool(`p${n}`, 5, n === 150 ? 2 : 5, n === 150 ? { blockedBy } : {}),
    );
    const reports = reportOn({ trusts: [trust()], records: [record({ ...UPDATING, nodePools })] });
    const screen = createScreen({ output, certificates: false });
    screen.show(frame(4, { reports }));
    screen.show(frame(4, { reports, trouble: 'The view may be out of date' }));
    const last = output.written[1] ?? '';
    expect(last.match(/\n/g)?.length).toBeLessThan(20);
    expect(last).toContain('p150');
    expect(last).toContain('The view may be out of date');
  });

  it.each([
    [80, 24],
    [60, 20],
    [40, 30],
  ])(
    'has in %d columns and %d rows state, counts, and who holds up, of two objects with a long story',
    (columns, rows) => {
      const blockedBy =
        'payments/api allows no eviction of payments/api-7d8f9c6b5d-x2x4z and 12 more, on node aks-apps-1';
      const message =
        `312 of 1000 nodes were replaced since the change. Node pool p41: ${blockedBy}. Make room `.repeat(4);
      const conditions = [
        says('Ready', 'False', 'ReimageBlocked', message),
        says('Applied', 'False', 'Updating', message),
      ];
      const nodePools = Array.from({ length: 100 }, (_, n) =>
        pool(`p${n}`, 10, n === 41 ? 2 : 10, n === 41 ? { blockedBy } : {}),
      );
      const reports = reportOn({
        trusts: ['a', 'b'].map((name) => trust({ name, conditions })),
        records: [record({ ...UPDATING, nodePools })],
      });
      const lines = drawn({ ...TTY, columns, rows }, reports);
      expect(lines.length).toBeLessThanOrEqual(rows);
      for (const line of lines) expect(line.length).toBeLessThan(columns);
      for (const text of [
        'prod  Updating',
        'platform/a',
        'platform/b',
        '312 of 1000',
        '4/12',
        'p41',
        'blocked: payments/api',
      ])
        expect(lines.join('\n')).toContain(text);
    },
  );

  it('shows what is stuck first where it cannot show everything, and in order where it can', () => {
    const conditions = [says('Ready', 'False', 'Held'), says('Stalled', 'True', 'Held')];
    const reports = reportOn({
      trusts: [...['a', 'b', 'c', 'd'].map((cluster) => trust({ cluster })), trust({ cluster: 'z', conditions })],
      records: [],
    });
    const titles = (rows: number) => drawn({ ...TTY, rows }, reports).filter((line) => /^[a-z] /.test(line));
    expect(titles(12)).toEqual(['z  Stuck', 'a  Converged']);
    expect(titles(40)).toEqual(['a  Converged', 'b  Converged', 'c  Converged', 'd  Converged', 'z  Stuck']);
  });

  it('says so when what is watched is not there any more', () => {
    const output = sink(TTY);
    createScreen({ output, certificates: false }).show(frame(4, { reports: [] }));
    expect(output.written.join('')).toContain('None of the watched objects exists at the moment.');
  });

  it('counts the clusters that do not fit at all, by how they stand', () => {
    const conditions = [says('Ready', 'False', 'Held'), says('Stalled', 'True', 'Held')];
    const many = (prefix: string, count: number, others: TrustSeed) =>
      Array.from({ length: count }, (_, n) => trust({ cluster: `${prefix}${n}`, ...others }));
    const reports = reportOn({
      trusts: [
        ...many('fine', 200, {}),
        ...many('moving', 5, { status: { observedGeneration: 1 }, metadata: { generation: 3 } }),
        ...many('stuck', 3, { conditions }),
      ],
      records: [],
    });
    const lines = drawn({ ...TTY, rows: 10 }, reports);
    expect(lines.length).toBeLessThanOrEqual(10);
    expect(lines[1]).toBe('stuck0  Stuck');
    expect(lines.at(-2)).toBe('… and 206 clusters more: 1 Stuck, 5 InProgress, 200 Converged');
  });

  it('says how much it leaves out of one cluster', () => {
    const lines = drawn({ ...TTY, rows: 8, columns: 30 }, frame(4).reports);
    expect(lines.at(-2)).toMatch(/^… \d+ lines more than the wind…$/);
    for (const line of lines) expect(line.length).toBeLessThan(30);
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

  it('says counts of nodes once, not for every object that repeats them', () => {
    const output = sink();
    const log = createLog({ output, certificates: false });
    const linesAt = (reimaged: number, reason = 'Updating') => {
      const message = `AKS replaces the nodes: Updating, ${reimaged} of 12 nodes replaced`;
      const trusts = ['a', 'b'].map((name) => trust({ name, conditions: [says('Ready', 'False', reason, message)] }));
      const nodes = { total: 12, reimaged, excluded: 0, summary: `${reimaged}/12` };
      log.show(frame(4, { reports: reportOn({ trusts, records: [record({ ...UPDATING, nodes, nodePools: [] })] }) }));
      return output.written.splice(0).map((line) => line.replace(/^\S+ prod: /, ''));
    };
    linesAt(4);
    const end = 'end: likely 2026-11-22T12:30:00Z, at the earliest 2026-11-22T12:10:00Z; 8 nodes left';
    expect(linesAt(5)).toEqual([`nodes: 5/12 replaced; ${end}\n`]);
    expect(linesAt(5, 'ClusterBusy')).toHaveLength(2);
  });

  it('says that an object is gone', () => {
    const output = sink();
    const log = createLog({ output, certificates: false });
    const show = (...names: string[]) => {
      const trusts = names.map((name) => trust({ name }));
      log.show(frame(4, { reports: reportOn({ trusts, records: [record()] }) }));
      return output.written.splice(0);
    };
    show('a', 'b');
    expect(show('b')).toEqual(['2026-11-22T12:00:00Z platform/a is gone\n']);
    expect(show('b')).toEqual([]);
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
      '2026-11-22T12:00:00Z The API server answers again.\n',
    ]);
  });
});

describe('JSON, followed', () => {
  it('is one document a line, whenever it is another one', () => {
    const output = sink(TTY);
    const lines = createJsonLines({ output, certificates: false });
    for (const reimaged of [4, 4, 5]) lines.show(frame(reimaged, { trouble: 'old' }));
    lines.show(frame(5));
    expect(output.written.map((line) => (JSON.parse(line) as { notices: string[] }).notices)).toEqual([
      ['old'],
      ['old'],
      [],
    ]);
    for (const line of output.written) {
      expect(line.indexOf('\n')).toBe(line.length - 1);
      expect(JSON.parse(line)).toMatchObject({ format: 1, clusters: [{ name: 'prod' }] });
    }
    expect(output.warned).toEqual(['aks-ca-trust: old\n']);
  });
});
