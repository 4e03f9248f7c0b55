import { bar } from './bar.ts';
import type { ClusterReport, ObjectReport } from './cluster-report.ts';
import { BLANK, paragraph, STYLES, type Look } from './layout.ts';
import {
  endingOf,
  nodesText,
  operationText,
  outsideTexts,
  pendingText,
  placesText,
  recordTroubles,
  standingOf,
  stateOf,
  troublesOf,
  troubleText,
} from './wording.ts';
import { renderCertificates, renderPlaces } from './render-certificates.ts';
import { renderPools } from './render-pools.ts';
import { clip, columnsOf, cut, piece, safe, type Line } from './text.ts';
import { when } from './times.ts';
import { warningsText } from './warnings.ts';

/** The whole view, clusters one below the other. */
export function render(reports: readonly ClusterReport[], look: Look): Line[] {
  const lines = reports.flatMap((report, place) => [...(place > 0 ? [BLANK] : []), ...renderCluster(report, look)]);
  // What has the width of its data, a table say, may not fit a narrow window.
  return lines.map((line) => clip(line, look.columns));
}

function renderCluster(report: ClusterReport, look: Look): Line[] {
  const at = (time: string) => when(time, look.now);
  const line = (label: string, text: string | undefined, style?: 'bad') =>
    text === undefined ? [] : paragraph(label, text, look, style ? { style } : {});
  const ending = endingOf(report, look.now, at);
  const pools = renderPools(report, look);
  return [
    ...title(report, look),
    ...renderObjects(report.objects, look),
    ...recordTroubles(report).flatMap((trouble) => paragraph('', troubleText(trouble), look, { labelWidth: 0 })),
    ...line('places', placesText(report)),
    ...line('waiting', pendingText(report, at)),
    ...line('change', operationText(report, at)),
    ...nodesLine(report, look),
    ...line('ends', ending?.text, ending?.late ? 'bad' : undefined),
    ...(pools.length > 0 ? [BLANK, ...pools, BLANK] : []),
    ...outsideTexts(report).flatMap((text, place) => line(place === 0 ? 'outside' : '', text)),
    ...(look.certificates ? renderPlaces(report, look) : []),
  ].filter((one, place, all) => one !== BLANK || place < all.length - 1);
}

function title(report: ClusterReport, look: Look): Line[] {
  const { name, resourceId, verdict } = report;
  const state = piece(stateOf(report), STYLES[verdict.outcome]);
  // Of what does not fit, the name can best be guessed.
  const room = Math.max(8, look.columns - 2 - columnsOf(state.text));
  return [
    [{ text: cut(safe(name), room), style: 'strong' }, piece('  '), state],
    // Long, and mostly known: where lines are short, one of them will do.
    ...paragraph('', resourceId, { ...look, lines: look.lines && 1 }, { labelWidth: 0, style: 'faint' }),
  ];
}

/** What several objects say, one after the other, is said once, below the last of them. */
function renderObjects(objects: readonly ObjectReport[], look: Look): Line[] {
  const texts = objects.map((object) => textsOn(object, look));
  const isRepeated = (place: number) => !look.certificates && texts[place]?.join('\n') === texts[place + 1]?.join('\n');
  return objects.flatMap((object, place) => [
    ...objectHead(object, look),
    ...(isRepeated(place) ? [] : (texts[place] ?? [])).flatMap((text) =>
      paragraph('', text, look, { indent: 4, labelWidth: 0 }),
    ),
    ...(look.certificates ? renderCertificates(object, look) : []),
  ]);
}

function objectHead(object: ObjectReport, look: Look): Line[] {
  const name = `${object.namespace}/${object.name}`;
  const [style, standing] = [STYLES[object.verdict.outcome], standingOf(object)];
  if (columnsOf(safe(`  ${name}  ${standing}`)) <= look.columns)
    return [[piece('  '), piece(name, 'strong'), piece('  '), piece(standing, style)]];
  return [
    ...paragraph('', name, look, { labelWidth: 0, style: 'strong' }),
    ...paragraph('', standing, look, { indent: 4, labelWidth: 0, style }),
  ];
}

function textsOn(object: ObjectReport, look: Look): string[] {
  const { first, others } = troublesOf(object);
  const warnings = warningsText(object, look.now, (time) => when(time, look.now));
  return [first, ...others.map(troubleText), warnings].filter((text) => text !== undefined);
}

function nodesLine(report: ClusterReport, look: Look): Line[] {
  const text = nodesText(report);
  if (text === undefined || !report.nodes) return paragraph('nodes', 'not counted yet', look);
  const { total, reimaged, reimaging = 0 } = report.nodes;
  const share = bar({ done: reimaged, now: reimaging, total }, look.columns < 60 ? 10 : 20, look.glyphs);
  return paragraph('nodes', `${share} ${text}`, look, { style: STYLES[report.verdict.outcome] });
}
