import type { Exchange } from './arm.ts';
import { ASSUMPTIONS, type AssumptionId } from './assumptions.ts';
import type { Findings } from './run.ts';

/** The table of answers, to read, and each request with its answer, one a line. Both without what says whose cluster it was. */
export function reportOf({ answers, exchanges, redact, broken }: Findings, about: Readonly<Record<string, string>>) {
  const cell = (text: string) => redact(text).replaceAll('|', '\\|').replaceAll('\n', ' ');
  const rows = (Object.keys(ASSUMPTIONS) as AssumptionId[]).map((id) => {
    const { agrees, seen } = answers.get(id) ?? { agrees: undefined, seen: 'not asked' };
    const verdict = agrees === undefined ? 'not known' : agrees ? 'as assumed' : '**otherwise**';
    return `| \`${id}\` | ${ASSUMPTIONS[id].assumed} | ${verdict} | ${cell(seen)} |`;
  });
  const markdown = [
    '# What AKS answered',
    '',
    ...Object.entries(about).map(([name, value]) => `- ${name}: ${redact(value)}`),
    ...(broken === undefined ? [] : ['', `The check did not come to its end. ${redact(broken)}`]),
    '',
    '| question | assumed | verdict | answer |',
    '| - | - | - | - |',
    ...rows,
    '',
  ].join('\n');
  const withoutText = ({ text: _, ...exchange }: Exchange) => exchange;
  const lines = exchanges.map((exchange) =>
    JSON.stringify(withoutText(exchange), (_, value: unknown) => (typeof value === 'string' ? redact(value) : value)),
  );
  return { markdown, jsonLines: `${lines.join('\n')}\n` };
}
