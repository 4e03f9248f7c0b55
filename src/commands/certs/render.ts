import { plural } from '../../api/wording.ts';
import type { AutoRotationRow } from '../../cluster-certificates/judgement.ts';
import { BLANK, paragraph } from '../status/layout.ts';
import { clip, piece, type Line, type Style } from '../status/text.ts';
import { when } from '../status/times.ts';
import { expiryDate, residual } from './dates.ts';
import type { CertsReport, CertsRow, NodeCommand } from './report.ts';
import { isRotationNeeded, rotationRequestFor } from './rotation-request.ts';
import { renderScan } from './scan/render.ts';
import { renderTable, type Column } from './table.ts';

/** How the report is laid out. */
export interface CertsView {
  /** Columns of the terminal; Infinity in a pipe, where lines are not broken. */
  readonly columns: number;
  /** ms since the epoch. */
  readonly now: number;
  /** Whether the lines that ask for a rotation are shown in any case. */
  readonly rotationRequest?: boolean;
}

/** The name of the cluster, its id, and who has read it: what is known before anything is read. */
export function renderTitle(
  { name, resourceId, object }: Pick<CertsReport, 'name' | 'resourceId' | 'object'>,
  view: CertsView,
): Line[] {
  const by = object ? `  as CertificateRotation ${object.namespace}/${object.name} has it` : '';
  const lines: Line[] = [
    [piece(name, 'strong'), piece(by, 'faint')],
    ...(resourceId === undefined ? [] : paragraph('', resourceId, view, { labelWidth: 0, style: 'faint' })),
  ];
  return lines.map((line) => clip(line, view.columns));
}

/** Everything below the title. */
export function renderCerts(report: CertsReport, view: CertsView): Line[] {
  const { rows, autoRotation, nodeCommands, scan } = report;
  const parts: readonly Line[][] = [
    rows.length === 0 ? [] : renderTable(byName(rows), columnsAt(view.now), { columns: view.columns, notes: notesOn }),
    autoRotation.length === 0
      ? []
      : renderTable(autoRotation, poolColumns(view.now), { columns: view.columns, notes: messageOf }),
    renderCommands(nodeCommands),
    view.rotationRequest || isRotationNeeded(rows) ? renderRequest(rows, view) : [],
    scan === undefined ? [] : renderScan(scan, view.columns),
  ];
  const lines = parts.filter((part) => part.length > 0).flatMap((part) => [BLANK, ...part]);
  // Commands are for copying, and a table without its end still says what matters.
  return lines.map((line) => (isCommand(line) ? line : clip(line, view.columns)));
}

const HEALTH: Readonly<Record<CertsRow['health'], Style>> = {
  Healthy: 'good',
  Expiring: 'busy',
  Expired: 'bad',
  Late: 'bad',
  Intercepted: 'bad',
  Unknown: 'faint',
};

function columnsAt(now: number): Column<CertsRow>[] {
  const healthStyle = ({ health }: CertsRow) => HEALTH[health];
  return [
    { head: 'CERTIFICATE', cell: labelOf, style: () => 'strong' },
    {
      head: 'EXPIRES',
      cell: ({ notAfter }) => (notAfter === undefined ? '-' : expiryDate(notAfter)),
      spare: 0,
    },
    { head: 'RESIDUAL TIME', cell: ({ notAfter }) => residualOf(notAfter, now), style: healthStyle },
    {
      head: 'LIFE USED',
      cell: ({ lifeUsedPercent }) => (lifeUsedPercent === undefined ? '-' : `${lifeUsedPercent}%`),
      spare: 2,
    },
    { head: 'MAINTAINED BY', cell: ({ maintainedBy }) => maintainedBy, spare: 1 },
    { head: 'HEALTH', cell: ({ health }) => health, style: healthStyle },
    { head: 'SOURCE', cell: ({ source }) => source ?? '-', spare: 3 },
  ];
}

/** Rows of one name stand together: their messages are mostly the same. */
function byName(rows: readonly CertsRow[]): CertsRow[] {
  return [...Map.groupBy(rows, ({ name }) => name).values()].flat();
}

/** `KubeletClient apps`. */
function labelOf({ name, pool }: CertsRow): string {
  return pool === undefined ? name : `${name} ${pool}`;
}

function residualOf(notAfter: string | undefined, now: number): string {
  const left = Date.parse(notAfter ?? '') - now;
  return Number.isNaN(left) ? '-' : residual(left);
}

function notesOn({ node, nodes, nodesTotal, keyIDs, message }: CertsRow): string[] {
  const known = nodesTotal === undefined ? '' : `; ${nodes ?? 0} of ${plural(nodesTotal, 'node')} are known`;
  return [
    ...(node === undefined ? [] : [`The first to expire is that of node ${node}${known}.`]),
    ...(keyIDs === undefined ? [] : [`The API server publishes: ${keyIDs.join(', ')}.`]),
    ...(message === undefined ? [] : [message]),
  ];
}

const STATES: Readonly<Record<AutoRotationRow['state'], Style>> = {
  Enabled: 'good',
  Disabled: 'bad',
  Late: 'bad',
  Unknown: 'faint',
};

function poolColumns(now: number): Column<AutoRotationRow>[] {
  return [
    { head: 'POOL', cell: ({ pool }) => (pool === '' ? '-' : pool), style: () => 'strong' },
    { head: 'AUTO-ROTATION', cell: ({ state }) => state, style: ({ state }) => STATES[state] },
    { head: 'SEEN', cell: ({ seenAt }) => (seenAt === undefined ? '-' : when(seenAt, now)), spare: 1 },
    { head: 'EVIDENCE', cell: ({ evidence }) => evidence ?? '-', spare: 2 },
  ];
}

function messageOf({ state, message }: AutoRotationRow): string[] {
  return state === 'Enabled' ? [] : [message];
}

/** What is for copying is written with this indentation, and nothing else is. */
const COMMAND_INDENT = '      ';

function renderCommands(commands: readonly NodeCommand[]): Line[] {
  if (commands.length === 0) return [];
  return [
    [
      piece(
        'What only a command on a node shows. Each of these runs as root on that node, and changes nothing:',
        'faint',
      ),
    ],
    ...commands.flatMap(({ pool, node, shows, command }): Line[] => [
      [piece(`  ${pool === '' ? '' : `${pool}, `}${node}: ${shows}`)],
      [piece(COMMAND_INDENT), piece(command)],
    ]),
  ];
}

function renderRequest(rows: readonly CertsRow[], { columns }: CertsView): Line[] {
  const asked = rotationRequestFor(rows);
  if (!asked) return [];
  const { mode, acceptDowntime, request } = asked;
  const members = [
    `mode: ${mode}`,
    `acceptDowntime: ${acceptDowntime}`,
    `request: { replaceCA: ${request.replaceCA} }`,
  ];
  return [
    ...paragraph('', REQUEST, { columns }, { indent: 0, labelWidth: 0, style: 'faint' }),
    ...members.map((member): Line => [piece(COMMAND_INDENT), piece(member)]),
  ];
}

const REQUEST =
  'To replace this cluster CA once, a CertificateRotation has these lines under spec. The rotation recreates all nodes, with up to 30 minutes of downtime, and the policy file of the controller has to allow it (rotate):';

function isCommand([first]: Line): boolean {
  return first?.text === COMMAND_INDENT;
}
