import { X509Certificate } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { rootCertificates } from 'node:tls';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { readElement } from '../../src/certificates/element.ts';
import { createCertificateReader } from '../../src/certificates/reader.ts';
import { readSource } from '../../src/certificates/read-source.ts';
import { validityWarnings } from '../../src/certificates/x509/validity.ts';
import { median } from '../figure.ts';
import type { Figure } from '../figure.ts';
import { HOSTILE_TEXTS, hostileText } from './hostile-texts.ts';

const ROUNDS = 61;
/** Over all roots, in one sample. */
const PASSES = 2;
const KIB = 1024;
const LENGTH_LIMIT = 9;
const ATTEMPTS = 3;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;

/** Measures src/certificates on Mozilla's roots as Node ships them, and on hostile texts. */
export async function measureCertificates(): Promise<Figure[]> {
  return [...compareWithParser(), ...compareLengths(), measureMemory()];
}

/** Everything beside the bare `new X509Certificate(pem)` on the same texts, in turn. */
function compareWithParser(): Figure[] {
  const pems = rootCertificates;
  const elements = pems.map((pem) => Buffer.from(`${pem}\n`).toString('base64'));
  const reader = createCertificateReader();
  const now = Date.now();
  const passes = (task: () => unknown) => (): void => repeat(PASSES, task);
  const [bare = [], identified = [], fields = [], element = [], remembered = []] = inTurn(ROUNDS, [
    passes(() => pems.forEach((pem) => new X509Certificate(pem))),
    passes(() => pems.forEach((pem) => certificatesOf(readSource(pem)))),
    passes(() =>
      pems.forEach((pem) => certificatesOf(readSource(pem)).forEach((c) => validityWarnings(c.details, now))),
    ),
    passes(() => elements.forEach(readElement)),
    passes(() => pems.forEach((pem) => reader.readSource(pem))),
  ]);
  const microseconds = (times: number[]): string => ((median(times) * 1000) / pems.length / PASSES).toFixed(1);
  const figure = (name: string, times: number[], limit?: number): Figure => ({
    name,
    value: medianRatio(times, bare),
    unit: 'x',
    ...(limit === undefined ? {} : { limit }),
    detail: `${microseconds(times)} µs a certificate, X509Certificate ${microseconds(bare)} µs; ${pems.length} roots, median of ${ROUNDS}`,
  });
  return [
    figure('read, identify, encode', identified, 1.3),
    figure('with all fields of a status row', fields, 1.9),
    figure("element of ARM's list", element),
    figure('source read before', remembered),
  ];
}

function certificatesOf({
  items,
}: ReturnType<typeof readSource>): { details: { notBefore: string; notAfter: string } }[] {
  return items.map((item) => {
    if (item.kind === 'problem') throw new Error(`a root certificate was refused: ${item.problem.message}`);
    return item.certificate;
  });
}

/**
 * A text and one of eight times its length, in turn: 8 certificates and 64, hostile texts as long as these. The time for
 * a text just within the limits is told beside it; it is the memory of the machine that makes it a little slower.
 */
function compareLengths(): Figure[] {
  const texts = [
    { name: 'certificates', short: bundle(8), long: bundle(64), longest: bundle(64) },
    {
      name: 'certificates as base64',
      short: asBase64(bundle(8)),
      long: asBase64(bundle(64)),
      longest: asBase64(bundle(64)),
    },
    ...HOSTILE_TEXTS.map((text) => ({
      name: text.name,
      short: hostileText(text, 15 * KIB),
      long: hostileText(text, 120 * KIB),
      longest: hostileText(text, 1023 * KIB),
    })),
  ];
  return texts.map(({ name, short, long, longest }) => {
    let [value, milliseconds] = [Infinity, NaN];
    // Noise passes when it is measured again; time that grows faster than the length does not.
    for (let attempt = 0; attempt < ATTEMPTS && value > LENGTH_LIMIT; attempt++) {
      const [shorts = [], longs = [], longests = []] = inTurn(15, [
        () => repeat(64, () => readSource(short)),
        () => repeat(8, () => readSource(long)),
        () => readSource(longest),
      ]);
      [value, milliseconds] = [Math.min(value, 8 * medianRatio(longs, shorts)), median(longests)];
    }
    return {
      name: `8 times as long: ${name}`,
      value,
      unit: 'x',
      limit: LENGTH_LIMIT,
      detail: `${Math.round(longest.length / KIB)} KiB in ${milliseconds.toFixed(2)} ms`,
    };
  });
}

function bundle(count: number): string {
  // The same certificates, so that only the number differs.
  return rootCertificates
    .slice(0, 8)
    .join('\n')
    .concat('\n')
    .repeat(count / 8);
}

function asBase64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function measureMemory(): Figure {
  const reader = createCertificateReader();
  const read = (round: number): void => {
    for (const text of HOSTILE_TEXTS) reader.readSource(`${hostileText(text, 1000 * KIB)}${round}`);
  };
  read(0);
  collect();
  const before = process.memoryUsage().heapUsed;
  repeat(3, (round) => read(round + 1));
  collect();
  const value = (process.memoryUsage().heapUsed - before) / KIB / KIB;
  const detail = `after ${3 * HOSTILE_TEXTS.length} different texts of 1000 KiB, each held as its digest and problems`;
  return { name: 'heap held after hostile texts', value, unit: 'MiB', limit: 2, detail };
}

/**
 * Times in milliseconds of tasks that are run alternately, so that all see the same machine. Each pays for freeing its
 * own certificates, which costs a third of parsing them and happens when the collector runs, and for nothing that
 * another task left behind. (A full collection each time would throw away optimised code, too.)
 */
function inTurn(rounds: number, tasks: readonly (() => unknown)[]): number[][] {
  const times = tasks.map((): number[] => []);
  const warmUp = 3;
  for (let round = -warmUp; round < rounds; round++) {
    tasks.forEach((task, index) => {
      collect({ type: 'minor' });
      const start = performance.now();
      task();
      collect({ type: 'minor' });
      if (round >= 0) times[index]?.push(performance.now() - start);
    });
  }
  return times;
}

/** Of what was measured next to each other: what slows the machine for a while slows both. */
function medianRatio(times: readonly number[], others: readonly number[]): number {
  return median(times.map((time, round) => time / (others[round] ?? NaN)));
}

function repeat(count: number, task: (round: number) => unknown): void {
  for (let round = 0; round < count; round++) task(round);
}
