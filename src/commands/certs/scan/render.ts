import { plural } from '../../../api/wording.ts';
import { BLANK, paragraph } from '../../status/layout.ts';
import { clip, piece, type Line } from '../../status/text.ts';
import { renderTable, type Column } from '../table.ts';
import type { Holder, Holding } from '../../../cluster-certificates/holders/holder.ts';
import type { ScanResult } from './result.ts';

/** Rows of one group; the rest are counted. */
const MOST_ROWS = 50;

/** What each group is, and what to do about it; in the order in which they are shown. */
const GROUPS: readonly (readonly [Exclude<Holding, 'OldCA'>, string])[] = [
  [
    'OtherCA',
    "These have another CA than the cluster's: that of before a rotation, unless they belong to another cluster. Connections that verify with it fail. Write the present CA into them:",
  ],
  [
    'PresentCA',
    'These have the CA in place. They work now; after a rotation of the cluster certificate they fail until they get the new CA:',
  ],
  [
    'Token',
    'These hold a token of a service account that stays as it is when the keys change. After a rotation it is refused: delete the Secret, and create it again:',
  ],
  ['OlderThanCA', 'These pods are older than the CA in place, and may still use the one of before. Restart them:'],
];

/** The holders in groups by what has to be done. */
export function renderScan({ holders, notShown, read, problems }: ScanResult, columns: number): Line[] {
  const groups = GROUPS.flatMap(([holding, text]): Line[] => {
    const members = holders.filter((holder) => holder.holding === holding);
    if (members.length === 0) return [];
    const rest = members.length - MOST_ROWS;
    return [
      ...paragraph('', text, { columns }, { indent: 0, labelWidth: 0 }),
      ...renderTable(members.slice(0, MOST_ROWS), COLUMNS, { columns: columns - 2 }).map((line) =>
        clip([piece('  '), ...line], columns),
      ),
      ...(rest > 0 ? [[piece(`  and ${rest} more; -o json has them`, 'faint')]] : []),
      BLANK,
    ];
  });
  const beyond = notShown > 0 ? ` ${notShown} of them are not shown.` : '';
  const count = plural(holders.length + notShown, 'part');
  const summary = `Searched ${plural(read, 'object')}, and found ${count} with a CA or a token of the cluster, or older than its CA.${beyond}`;
  return [
    ...groups,
    ...paragraph('', summary, { columns }, { indent: 0, labelWidth: 0 }),
    ...problems.flatMap((problem) => paragraph('', problem, { columns }, { indent: 0, labelWidth: 0, style: 'bad' })),
  ];
}

const COLUMNS: readonly Column<Holder>[] = [
  { head: 'KIND', cell: ({ kind }) => kind },
  { head: 'OBJECT', cell: ({ namespace, name }) => (namespace === '' ? name : `${namespace}/${name}`) },
  { head: 'PART', cell: ({ part }) => part },
  { head: 'IN', cell: ({ where }) => (where === 'Cluster' ? 'the cluster' : 'the management cluster'), spare: 1 },
];
