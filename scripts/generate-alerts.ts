/** Writes the table of docs/reference/alerts.md from the alerting rules. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PAGE = `${ROOT}docs/reference/alerts.md`;
const MARK = '<!-- Generated from deploy/helm/aks-ca-trust/files/alerts.yaml: make generate -->';

interface Rule {
  readonly alert: string;
  readonly for: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string };
}

const { groups } = parse(readFileSync(`${ROOT}deploy/helm/aks-ca-trust/files/alerts.yaml`, 'utf8')) as {
  groups: { rules: Rule[] }[];
};
const rows = groups.flatMap(({ rules }) =>
  rules.map((rule) => [
    `[${rule.alert}](../runbooks/${rule.alert}.md)`,
    rule.labels.severity,
    rule.for,
    // A label stands for itself, and a value for a number.
    rule.annotations.summary.replace(/\{\{ \$labels\.(\w+) \}\}/g, '`$1`').replace(/\{\{ \$value[^}]*\}\}/g, '…'),
  ]),
);
const table = [['alert', 'severity', 'after', 'summary'], Array(4).fill('-'), ...rows]
  .map((cells) => `| ${cells.join(' | ')} |`)
  .join('\n');
const text = readFileSync(PAGE, 'utf8');
const head = text.slice(0, text.indexOf(MARK) + MARK.length);
writeFileSync(PAGE, await format(`${head}\n\n${table}\n`, { parser: 'markdown', printWidth: 120 }));
