/** The form of a panel of the Grafana dashboard, and what the queries of panels share. */

export interface Query {
  readonly expr: string;
  /** Name of each series; labels in double braces. */
  readonly legend?: string;
}

export interface PanelPlan {
  readonly title: string;
  readonly description: string;
  readonly kind: 'stat' | 'timeseries' | 'bargauge' | 'table';
  /** A unit of Grafana: s, bytes, percentunit, reqps. */
  readonly unit?: string;
  readonly queries: readonly Query[];
  /** The value from which a panel turns orange, and then red; the other way round for `falling`. */
  readonly limits?: { readonly orange: number; readonly red: number; readonly falling?: true };
  /** Columns of 24; default: 4 for a stat, else 12. */
  readonly width?: number;
}

export interface RowPlan {
  readonly title: string;
  readonly panels: readonly PanelPlan[];
}

/** Matchers of the variables of the dashboard: of the process, of an object, of a cluster. */
export const JOB = 'job=~"$job"';
export const OBJECT = `${JOB},namespace=~"$namespace",target_cluster=~"$target_cluster"`;
export const CLUSTER = `${JOB},target_cluster=~"$target_cluster"`;
/** The interval of a rate, by the time between two scrapes. */
export const RATE = '[$__rate_interval]';

/** Median and 90th percentile of the durations of changes of one kind that ended in the last `range`. */
export function durationsOf(kind: 'UpdateTrust' | 'RotateCertificates', range: string): Query[] {
  return [0.5, 0.9].map((q) => ({
    expr: `histogram_quantile(${q}, sum by (le) (increase(aks_ca_trust_change_duration_seconds_bucket{${JOB},kind="${kind}"}[${range}])))`,
    legend: `p${q * 100}`,
  }));
}

/** The sum over the processes that reconcile: standbys have the same totals. */
export function total(metric: string, labels = '', by = ''): string {
  const matchers = labels === '' ? JOB : `${JOB},${labels}`;
  return `sum${by}(${metric}{${matchers}} and on (job, instance) aks_ca_trust_active == 1)`;
}
