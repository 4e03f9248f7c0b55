import { bar } from './bar.ts';
import type { ClusterReport, ObjectReport } from './cluster-report.ts';
import type { RotationReport } from './rotation-report.ts';
import { rotationTexts, shownName } from './rotation-wording.ts';
import type { StandingReport } from './standing-report.ts';
import { BLANK, paragraph, STYLES, type ViewOptions } from './layout.ts';
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
import { renderCertificates, renderOwnCertificates, renderSlots } from './render-certificates.ts';
import { renderPools } from './render-pools.ts';
import { clip, columnsOf, cut, piece, safe, type Line } from './text.ts';
import { when } from './times.ts';
import { warningsText } from './warnings.ts';

/** The whole view, clusters one below the other. */
export function render(reports: readonly ClusterReport[], view: ViewOptions): Line[] {
  const lines = reports.flatMap((report, place) => [...(place > 0 ? [BLANK] : []), ...renderCluster(report, view)]);
  // Tables have the width of their data, and may not fit a narrow window.
  return lines.map((line) => clip(line, view.columns));
}

function renderCluster(report: ClusterReport, view: ViewOptions): Line[] {
  const at = (time: string) => when(time, view.now);
  const line = (label: string, text: string | undefined, style?: 'bad') =>
    text === undefined ? [] : paragraph(label, text, view, style ? { style } : {});
  const ending = endingOf(report, view.now, at);
  const pools = renderPools(report, view);
  return [
    ...title(report, view),
    ...renderObjects(report.objects, view),
    ...report.rotations.flatMap((rotation) => renderRotation(rotation, view)),
    ...recordTroubles(report).flatMap((trouble) => paragraph('', troubleText(trouble), view, { labelWidth: 0 })),
    ...line('slots', slotsText(report)),
    ...line('waiting', pendingText(report, at)),
    ...line('change', operationText(report, at)),
    ...nodesLine(report, view),
    ...line('ends', ending?.text, ending?.late ? 'bad' : undefined),
    ...(pools.length > 0 ? [BLANK, ...pools, BLANK] : []),
    ...outsideTexts(report).flatMap((text, place) => line(place === 0 ? 'outside' : '', text)),
    ...(view.certificates ? renderSlots(report, view) : []),
  ].filter((one, place, all) => one !== BLANK || place < all.length - 1);
}

function title(report: ClusterReport, view: ViewOptions): Line[] {
  const { name, resourceId, verdict } = report;
  const state = piece(stateOf(report), STYLES[verdict.outcome]);
  // The name is cut first: a part of it is still recognised.
  const room = Math.max(8, view.columns - 2 - columnsOf(state.text));
  return [
    [{ text: cut(safe(name), room), style: 'strong' }, piece('  '), state],
    // The resource id is long and mostly known: in a small window it has one line.
    ...paragraph('', resourceId, { ...view, lines: view.lines && 1 }, { labelWidth: 0, style: 'faint' }),
  ];
}

/** Neighbouring objects with the same texts show them once, below the last of them. */
function renderObjects(objects: readonly ObjectReport[], view: ViewOptions): Line[] {
  const texts = objects.map((object) => textsOn(object, view));
  const isRepeated = (place: number) => !view.certificates && texts[place]?.join('\n') === texts[place + 1]?.join('\n');
  return objects.flatMap((object, place) => [
    ...objectHead(`${object.namespace}/${object.name}`, object, view),
    ...(isRepeated(place) ? [] : (texts[place] ?? [])).flatMap((text) =>
      paragraph('', text, view, { indent: 4, labelWidth: 0 }),
    ),
    ...(view.certificates ? renderCertificates(object, view) : []),
  ]);
}

function renderRotation(rotation: RotationReport, view: ViewOptions): Line[] {
  const { first, others } = troublesOf(rotation);
  const texts = rotationTexts(rotation, (time) => when(time, view.now)).map(([, text]) => text);
  const all = [first, ...others.map(troubleText), ...texts].filter((text) => text !== undefined);
  return [
    ...objectHead(shownName(rotation), rotation, view),
    ...all.flatMap((text) => paragraph('', text, view, { indent: 4, labelWidth: 0 })),
    ...(view.certificates ? renderOwnCertificates(rotation, view) : []),
  ];
}

function objectHead(name: string, object: StandingReport, view: ViewOptions): Line[] {
  const [style, standing] = [STYLES[object.verdict.outcome], standingOf(object)];
  if (columnsOf(safe(`  ${name}  ${standing}`)) <= view.columns)
    return [[piece('  '), piece(name, 'strong'), piece('  '), piece(standing, style)]];
  return [
    ...paragraph('', name, view, { labelWidth: 0, style: 'strong' }),
    ...paragraph('', standing, view, { indent: 4, labelWidth: 0, style }),
  ];
}

function textsOn(object: ObjectReport, view: ViewOptions): string[] {
  const { first, others } = troublesOf(object);
  const warnings = warningsText(object, view.now, (time) => when(time, view.now));
  return [first, ...others.map(troubleText), warnings].filter((text) => text !== undefined);
}

function nodesLine(report: ClusterReport, view: ViewOptions): Line[] {
  const text = nodesText(report);
  // Nodes are counted for changes: a cluster that is only watched has none.
  if (text === undefined || !report.nodes)
    return report.objects.length === 0 && report.rotations.length > 0
      ? []
      : paragraph('nodes', 'not counted yet', view);
  const { total, reimaged, reimaging = 0 } = report.nodes;
  const share = bar({ done: reimaged, now: reimaging, total }, view.columns < 60 ? 10 : 20, view.glyphs);
  return paragraph('nodes', `${share} ${text}`, view, { style: STYLES[report.verdict.outcome] });
}
