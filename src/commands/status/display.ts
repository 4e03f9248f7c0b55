import { ASCII, BLOCKS } from './bar.ts';
import type { ClusterReport } from './cluster-report.ts';
import { changesOf, factsOf, type Facts } from './log-lines.ts';
import { fitted } from './fit-window.ts';
import { toJson } from './json.ts';
import type { Look } from './layout.ts';
import type { Output } from './output.ts';
import { render } from './render.ts';
import { clip, paint, piece, safe, type Line } from './text.ts';
import { stamp } from './times.ts';

/** What is shown at one moment. */
export interface Frame {
  readonly reports: readonly ClusterReport[];
  /** What keeps the view from being complete, for good. */
  readonly notices: readonly string[];
  /** What keeps it from being fresh, for now. */
  readonly trouble: string | undefined;
  /** ms since the epoch. */
  readonly now: number;
}

/** Shows one moment after the other, and leaves the last one. */
export interface Display {
  show(frame: Frame): void;
}

export interface DisplayOptions {
  readonly output: Output;
  readonly certificates: boolean;
}

/** One moment, as a document. */
export function printJson({ reports, notices }: Frame, { output, certificates }: DisplayOptions): void {
  output.write(`${toJson(reports, { certificates, notices, oneLine: false })}\n`);
  for (const notice of notices) output.warn(`aks-ca-trust: ${safe(notice)}\n`);
}

/** One moment, as text for a person. */
export function printText({ reports, notices, now }: Frame, { output, certificates }: DisplayOptions): void {
  const lines = render(reports, lookOf(output, certificates, now));
  output.write(lines.map((line) => `${paint(line, output.colour)}\n`).join(''));
  for (const notice of notices) output.warn(`aks-ca-trust: ${safe(notice)}\n`);
}

const HOME = '\x1b[H';
const CLEAR_TO_END_OF_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

/** Draws each moment over the one before: line by line, so that nothing flickers. Takes no more rows than there are. */
export function createScreen({ output, certificates }: DisplayOptions): Display {
  let drawn = false;
  return {
    show({ reports, notices, trouble, now }) {
      const head = clip([piece(`${stamp(now)}  Ctrl-C ends`, 'faint')], output.columns());
      const foot = withTrouble(notices, trouble).map((notice): Line => clip([piece(notice, 'bad')], output.columns()));
      const room = Math.max(4, output.rows() - 1 - 1 - foot.length);
      const body = reports.length === 0 ? NOTHING : fitted(reports, lookOf(output, certificates, now), room);
      const text = [head, ...body, ...foot].map((line) => `${paint(line, output.colour)}${CLEAR_TO_END_OF_LINE}\n`);
      // Below what was there, which scrolls away and is not overwritten. The cursor stays to be seen: hidden, it would be for
      // the shell too that Ctrl-Z leads to.
      const start = drawn ? HOME : `${'\n'.repeat(output.rows())}${HOME}`;
      drawn = true;
      output.write(`${start}${text.join('')}${CLEAR_BELOW}`);
    },
  };
}

const NOTHING: readonly Line[] = [[piece('nothing of what is watched is there')]];

/** A log: first everything, then what has changed, each line by itself. */
export function createLog({ output, certificates }: DisplayOptions): Display {
  let known: Facts = new Map();
  let noticed = false;
  let troubled = false;
  return {
    show({ reports, notices, trouble, now }) {
      const say = (text: string) => output.write(`${stamp(now)} ${text}\n`);
      const facts = factsOf(reports, certificates, now);
      for (const text of changesOf(known, facts)) say(text);
      known = facts;
      if (!noticed) notices.forEach((notice) => say(safe(notice)));
      noticed = true;
      if (trouble !== undefined && !troubled) say(safe(trouble));
      if (trouble === undefined && troubled) say('the API server answers again');
      troubled = trouble !== undefined;
    },
  };
}

/** A document a line, whenever it is another one. */
export function createJsonLines({ output, certificates }: DisplayOptions): Display {
  let last = '';
  let noticed: readonly string[] = [];
  return {
    show({ reports, notices, trouble }) {
      const all = withTrouble(notices, trouble);
      const document = toJson(reports, { certificates, notices: all, oneLine: true });
      if (document !== last) output.write(`${document}\n`);
      last = document;
      for (const notice of all) if (!noticed.includes(notice)) output.warn(`aks-ca-trust: ${safe(notice)}\n`);
      noticed = all;
    },
  };
}

function withTrouble(notices: readonly string[], trouble: string | undefined): readonly string[] {
  return trouble === undefined ? notices : [...notices, trouble];
}

function lookOf(output: Output, certificates: boolean, now: number): Look {
  return { columns: output.columns(), glyphs: output.blocks ? BLOCKS : ASCII, certificates, now };
}
