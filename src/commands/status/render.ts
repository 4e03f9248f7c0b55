import { bar } from './bar.ts';
import type { ClusterReport, ObjectReport } from './cluster-report.ts';
import { BLANK, paragraph, STYLES, type Look } from './look.ts';
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
} from './phrases.ts';
import { renderCertificates, renderPlaces } from './render-certificates.ts';
import { renderPools } from './render-pools.ts';
import { clip, columnsOf, piece, safe, type Line } from './text.ts';
import { when } from './times.ts';

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
    ...report.objects.flatMap((object) => renderObject(object, look)),
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
  return [
    [piece(name, 'strong'), piece('  '), piece(stateOf(report), STYLES[verdict.outcome])],
    ...paragraph('', resourceId, look, { labelWidth: 0, style: 'faint' }),
  ];
}

function renderObject(object: ObjectReport, look: Look): Line[] {
  const name = safe(`  ${object.namespace}/${object.name}`);
  const [style, standing] = [STYLES[object.verdict.outcome], standingOf(object)];
  const fits = columnsOf(name) + 2 + columnsOf(safe(standing)) <= look.columns;
  const head: Line[] = fits
    ? [[{ text: name, style: 'strong' }, piece('  '), piece(standing, style)]]
    : [[{ text: name, style: 'strong' }], ...paragraph('', standing, look, { indent: 4, labelWidth: 0, style })];
  const { first, others } = troublesOf(object);
  const texts = [...(first === undefined ? [] : [first]), ...others.map(troubleText)];
  const troubles = texts.flatMap((text) => paragraph('', text, look, { indent: 4, labelWidth: 0 }));
  return [...head, ...troubles, ...(look.certificates ? renderCertificates(object, look) : [])];
}

function nodesLine(report: ClusterReport, look: Look): Line[] {
  const text = nodesText(report);
  if (text === undefined || !report.nodes) return paragraph('nodes', 'not counted yet', look);
  const { total, reimaged, reimaging = 0 } = report.nodes;
  const share = bar({ done: reimaged, now: reimaging, total }, 20, look.glyphs);
  return paragraph('nodes', `${share} ${text}`, look, { style: STYLES[report.verdict.outcome] });
}
