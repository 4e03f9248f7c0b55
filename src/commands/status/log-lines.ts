import { clusterKey } from '../../api/resource-id.ts';
import type { ClusterReport } from './cluster-report.ts';
import type { RotationReport } from './rotation-report.ts';
import { rotationTexts, shownName } from './rotation-wording.ts';
import {
  endingOf,
  nodesText,
  operationText,
  outsideTexts,
  pendingText,
  slotsText,
  recordTroubles,
  standingOf,
  stateOf,
  troublesOf,
  troubleText,
} from './wording.ts';
import { countOf, phaseOf } from './render-pools.ts';
import { safe, type Safe } from './text.ts';
import { warningsText } from './warnings.ts';

/** Lines of the log by their subject; each can be read without the others. */
export type Facts = ReadonlyMap<string, Safe>;

/** Times are absolute, as in the API: a fact must not change because time passes. */
const inSeconds = (time: string) => time.replace(/\.\d+Z$/, 'Z');

export function factsOf(reports: readonly ClusterReport[], certificates: boolean, now: number): Facts {
  const facts = new Map<string, Safe>();
  for (const report of reports) {
    const say = (about: string, text: string | undefined) => {
      if (text === undefined || text === '') return;
      facts.set(`${clusterKey(report.resourceId)}\n${about}`, safe(`${report.name}: ${text}`));
    };
    say('state', `is ${stateOf(report)}`);
    for (const trouble of recordTroubles(report)) say(trouble.type, troubleText(trouble));
    say('slots', prefixed('slots: ', slotsText(report)));
    say('waiting', pendingText(report, inSeconds));
    say('change', prefixed('change: ', operationText(report, inSeconds)));
    for (const pool of report.nodePools) say(`pool ${pool.name}`, poolText(pool));
    const end = prefixed('end: ', endingOf(report, now, inSeconds)?.text);
    const nodes = [prefixed('nodes: ', nodesText(report)), end].filter((text) => text !== undefined);
    say('nodes', nodes.join('; '));
    outsideTexts(report).forEach((text, place) => say(`outside ${place}`, `outside: ${text}`));
    for (const rotation of report.rotations) sayOfRotation(rotation, say);
    // Objects come last: the last line of a log then says how the change ended.
    for (const object of report.objects) {
      const about = `${object.namespace}/${object.name}`;
      const { first, others } = troublesOf(object);
      say(`${OBJECT}${about}`, `${about}: ${standingOf(object)}${first === undefined ? '' : `: ${first}`}`);
      for (const trouble of others) say(`${about} ${trouble.type}`, `${about}: ${troubleText(trouble)}`);
      say(`${about} certificates`, prefixed(`${about}: `, warningsText(object, now, inSeconds)));
      for (const row of certificates ? object.certificates : []) {
        const which = `${row.name}[${row.index}]`;
        const message = row.message === undefined ? '' : `: ${row.message}`;
        say(`${about} ${which}`, `${about}: certificate ${which} ${row.subject ?? ''} is ${row.state}${message}`);
      }
    }
  }
  return facts;
}

function sayOfRotation(rotation: RotationReport, say: (about: string, text: string | undefined) => void): void {
  const about = shownName(rotation);
  const { first, others } = troublesOf(rotation);
  for (const trouble of others) say(`${about} ${trouble.type}`, `${about}: ${troubleText(trouble)}`);
  for (const [what, text] of rotationTexts(rotation, inSeconds)) say(`${about} ${what}`, `${about}: ${text}`);
  say(`${OBJECT}${about}`, `${about}: ${standingOf(rotation)}${first === undefined ? '' : `: ${first}`}`);
}

/** The facts that are new or have changed, in the order of the view, then the objects that are gone. */
export function changesOf(before: Facts, after: Facts): Safe[] {
  const gone = [...before.keys()].flatMap((key) => {
    const about = key.slice(key.indexOf('\n') + 1);
    return after.has(key) || !about.startsWith(OBJECT) ? [] : [safe(`${about.slice(OBJECT.length)} is gone`)];
  });
  const changed = [...after].flatMap(([about, text]) => (gistOf(before.get(about)) === gistOf(text) ? [] : [text]));
  return [...changed, ...gone];
}

/** The text without the counts of nodes that objects repeat: the cluster has a line for them. */
function gistOf(text: Safe | undefined): string | undefined {
  return text?.replace(/\d+ of \d+ nodes/g, 'nodes');
}

/** Starts the subject of a fact about an object; its name follows. */
const OBJECT = 'object ';

function prefixed(prefix: string, text: string | undefined): string | undefined {
  return text === undefined ? undefined : `${prefix}${text}`;
}

function poolText(pool: ClusterReport['nodePools'][number]): string {
  const { name, phase, reimaging = 0, waiting = 0, blockedBy, blockedSince, message } = pool;
  const counts = phase === 'Excluded' ? `${pool.nodes} nodes` : `${countOf(pool)} replaced`;
  const parts = [
    counts,
    ...(reimaging > 0 ? [`${reimaging} being replaced`] : []),
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
    phaseOf(pool),
  ];
  const since = blockedSince === undefined ? '' : ` since ${inSeconds(blockedSince)}`;
  const blocked = blockedBy === undefined ? '' : `; blocked${since}: ${blockedBy}`;
  return `pool ${name}: ${parts.join(', ')}${blocked}${message === undefined ? '' : `; ${message}`}`;
}
