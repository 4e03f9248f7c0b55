import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, RULES } from './rules.ts';

/** A metric as docs/reference/metrics.md has it. */
interface Documented {
  readonly type: string;
  readonly labels: readonly string[];
}

/** Every metric of the generated reference, by the names that its series have: three of a histogram. */
export const DOCUMENTED: ReadonlyMap<string, Documented> = readReference();

function readReference(): Map<string, Documented> {
  const page = readFileSync(join(ROOT, 'docs/reference/metrics.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `([a-z_]+)` +\| (\w+) +\| ([^|]*)\|/gm)];
  return new Map(
    rows.flatMap(([, name = '', type = '', cell = '']) => {
      const labels = cell.split(';').flatMap((one) => /`(\w+)`/.exec(one)?.[1] ?? []);
      if (name === 'aks_ca_trust_certificate_not_after_timestamp_seconds') labels.push('fingerprint_sha256');
      const ends = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
      return ends.map((end) => [name + end, { type, labels: end === '_bucket' ? [...labels, 'le'] : labels }] as const);
    }),
  );
}

/** Labels that Prometheus gives to every series, and the metric that it makes of each scrape. */
const OF_PROMETHEUS = ['job', 'instance', 'exported_namespace', 'cluster'];
const PROMETHEUS_METRICS = new Set(['up']);

/** Words of PromQL that stand where a name of a metric or label could stand. */
const WORDS = new Set(
  (
    'by without on ignoring group_left group_right and or unless bool offset sum min max count avg topk sort absent rate ' +
    'increase avg_over_time time vector histogram_quantile'
  ).split(' '),
);

export interface Selector {
  readonly metric: string;
  readonly labels: readonly string[];
}

/**
 * The selectors of an expression, and the labels that it groups or joins by. Every name that is no word of PromQL has to be one of
 * the two, so that a misspelt one is not overlooked.
 */
export function readExpression(expr: string): { selectors: Selector[]; grouped: string[] } {
  const bare = expr.replace(/"(?:[^"\\]|\\.)*"/g, '""').replace(/\[[^\]]*\]/g, '');
  const grouped = [...bare.matchAll(/\b(?:by|on|without|ignoring) *\(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(',').map((one) => one.trim()),
  );
  const rest = bare.replace(/\b(?:by|on|without|ignoring) *\([^)]*\)/g, ' ');
  const selectors = [...rest.matchAll(/([a-z][a-z_]*)(?:\{([^}]*)\})?/g)].flatMap(([, metric = '', matchers = '']) =>
    WORDS.has(metric)
      ? []
      : [{ metric, labels: [...matchers.matchAll(/(\w+) *(?:=~|!~|!=|=)/g)].map(([, label = '']) => label) }],
  );
  return { selectors, grouped };
}

/** The faults of an expression: metrics and labels that the reference does not have. */
export function faultsOf(expr: string): string[] {
  const { selectors, grouped } = readExpression(expr);
  const known = selectors.flatMap(({ metric }) => DOCUMENTED.get(metric)?.labels ?? []);
  return [
    ...selectors.flatMap(({ metric, labels }) => {
      if (PROMETHEUS_METRICS.has(metric)) return [];
      const documented = DOCUMENTED.get(metric);
      if (documented === undefined) return [`no metric ${metric}`];
      const unknown = labels.filter((label) => ![...documented.labels, ...OF_PROMETHEUS].includes(label));
      return unknown.map((label) => `${metric} has no label ${label}`);
    }),
    ...grouped
      .filter((label) => ![...known, ...OF_PROMETHEUS].includes(label))
      .map((label) => `nothing has the label ${label}`),
  ];
}

interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[];
  readonly templating: { readonly list: readonly { readonly query: string | { readonly query: string } }[] };
}

const DASHBOARD = JSON.parse(
  readFileSync(join(ROOT, 'deploy/helm/aks-ca-trust/files/dashboard.json'), 'utf8'),
) as Dashboard;

/** The expressions of the dashboard, with Grafana's variables as it would fill them in. */
export const PANEL_EXPRESSIONS: readonly { readonly title: string; readonly expr: string }[] = [
  ...DASHBOARD.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr }))),
  ...DASHBOARD.templating.list.flatMap(({ query }) =>
    typeof query === 'string' ? [] : [{ title: 'variables', expr: /label_values\((.*), \w+\)/.exec(query.query)![1]! }],
  ),
].map(({ title, expr }) => ({ title, expr: expr.replaceAll('$__rate_interval', '5m').replace(/\$\w+/g, '.*') }));

/** Every expression that is shipped. */
export const EXPRESSIONS: readonly string[] = [...RULES, ...PANEL_EXPRESSIONS].map(({ expr }) => expr);
