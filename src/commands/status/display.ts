import { ASCII, BLOCKS } from './bar.ts';
import type { ClusterReport } from './cluster-report.ts';
import { changesOf, factsOf, type Facts } from './log-lines.ts';
import { fitted } from './fit-window.ts';
import { toJson } from './json.ts';
import type { ViewOptions } from './layout.ts';
import type { Output } from '../client/output.ts';
import { render } from './render.ts';
import { clip, paint, piece, safe, type Line } from './text.ts';
import { stamp } from './times.ts';

/** Everything that is shown at one moment. */
export interface Frame {
  readonly reports: readonly ClusterReport[];
  /** Reasons why the view is incomplete; they last. */
  readonly notices: readonly string[];
  /** Why the view may be out of date at this moment. */
  readonly trouble: string | undefined;
  /** ms since the epoch. */
  readonly now: number;
}

/** Shows one frame after another; the last one stays. */
export interface Display {
  show(frame: Frame): void;
}

export interface DisplayOptions {
  readonly output: Output;
  readonly certificates: boolean;
}

/** Prints one frame as a JSON document. */
export function printJson({ reports, notices }: Frame, { output, certificates }: DisplayOptions): void {
  output.write(`${toJson(reports, { certificates, notices, oneLine: false })}\n`);
  for (const notice of notices) output.warn(`aks-ca-trust: ${safe(notice)}\n`);
}

/** Prints one frame as text. */
export function printText({ reports, notices, now }: Frame, { output, certificates }: DisplayOptions): void {
  const lines = render(reports, viewOptions(output, certificates, now));
  output.write(lines.map((line) => `${paint(line, output.colour)}\n`).join(''));
  for (const notice of notices) output.warn(`aks-ca-trust: ${safe(notice)}\n`);
}

const HOME = '\x1b[H';
const CLEAR_TO_END_OF_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

/** Draws each frame over the one before, line by line so that nothing flickers, in no more rows than the terminal has. */
export function createScreen({ output, certificates }: DisplayOptions): Display {
  let drawn = false;
  return {
    show({ reports, notices, trouble, now }) {
      const head = clip([piece(`${stamp(now)}  Ctrl-C ends`, 'faint')], output.columns());
      const foot = withTrouble(notices, trouble).map((notice): Line => clip([piece(notice, 'bad')], output.columns()));
      const room = Math.max(4, output.rows() - 1 - 1 - foot.length);
      const body = reports.length === 0 ? NOTHING : fitted(reports, viewOptions(output, certificates, now), room);
      const text = [head, ...body, ...foot].map((line) => `${paint(line, output.colour)}${CLEAR_TO_END_OF_LINE}\n`);
      // The first frame scrolls earlier output away and does not overwrite it. The cursor is not hidden: it would stay hidden in
      // the shell after Ctrl-Z.
      const start = drawn ? HOME : `${'\n'.repeat(output.rows())}${HOME}`;
      drawn = true;
      output.write(`${start}${text.join('')}${CLEAR_BELOW}`);
    },
  };
}

const NOTHING: readonly Line[] = [[piece('None of the watched objects exists at the moment.')]];

/** Writes a log: first everything, then the changes, each line readable by itself. */
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
      if (trouble === undefined && troubled) say('The API server answers again.');
      troubled = trouble !== undefined;
    },
  };
}

/** Writes one document a line, each time it differs from the last. */
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

function viewOptions(output: Output, certificates: boolean, now: number): ViewOptions {
  return { columns: output.columns(), glyphs: output.blocks ? BLOCKS : ASCII, certificates, now };
}
