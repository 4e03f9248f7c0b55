/** Writes the table of docs/reference/alerts.md from the alerting rules. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { tableOf, writeBelow } from './pages.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
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
    // A label stands for itself, and a value for a number. What only some series have is left out.
    rule.annotations.summary
      .replace(/\{\{ with [^}]*\}\}.*?\{\{ end \}\}/g, '')
      .replace(/\{\{ \$labels\.(\w+) \}\}/g, '`$1`')
      .replace(/\{\{ \$value[^}]*\}\}/g, '…'),
  ]),
);
await writeBelow('alerts', MARK, tableOf(['alert', 'severity', 'after', 'summary'], rows));
