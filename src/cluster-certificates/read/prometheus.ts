import { listAt, member, textAt } from '../../kubernetes/untrusted/untyped.ts';

/** A Prometheus, or another server with its query API, for one cluster. */
export interface Prometheus {
  /** Host name, for messages. */
  readonly host: string;
  /** Label matchers that select the series of the cluster, without braces; empty: all series. */
  readonly matchers: string;
  /**
   * The body of the answer to an instant query.
   *
   * @throws KubernetesError for anything but a 2xx answer with JSON within bounds, and Error where there is no token
   */
  query(promql: string, signal: AbortSignal): Promise<unknown>;
}

/** The last sample of one series. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  /** ms. */
  readonly at: number;
  /** Infinite where the server has `+Inf`; never NaN. */
  readonly value: number;
}

/** Samples that are older than this are not read. Kubelets are scraped every 30 to 60 seconds. */
const WINDOW = '6m';
/** By how much the time of a sample may differ from ours, in ms, so that clocks may be wrong. */
const OFF_MS = 60 * 60_000;
/** AKS allows 5,000 nodes to a cluster. More series show that they are not selected by cluster. */
const MOST_SERIES = 20_000;
/** A kubelet's series has some 15 labels. */
const [MOST_LABELS, LONGEST_LABEL] = [100, 1024];

/**
 * The last sample of each series of a metric. It is read as a range: an instant vector has the time of the query in place of that of the
 * sample. Azure Monitor takes one metric a query.
 *
 * @throws Error for an answer that is none, that is partial, or that has too many series
 */
export async function lastSamples(
  prometheus: Prometheus,
  metric: string,
  now: number,
  signal: AbortSignal,
): Promise<readonly Sample[]> {
  const body = await prometheus.query(`${metric}{${prometheus.matchers}}[${WINDOW}]`, signal);
  const data = member(body, 'data');
  if (textAt(body, 'status') !== 'success' || textAt(data, 'resultType') !== 'matrix')
    throw new Error('the answer is not that of a Prometheus');
  // A part would make nodes appear that lack the metric.
  if (listAt(body, 'warnings').length > 0) throw new Error('the answer has warnings, so that it may be only a part');
  const result = listAt(data, 'result');
  if (result.length > MOST_SERIES)
    throw new Error(`the metric ${metric} has more than ${MOST_SERIES} series: set matchers that select one cluster`);
  return result.flatMap((series) => {
    const sample = sampleOf(listAt(series, 'values').at(-1));
    if (!sample || Math.abs(sample.at - now) > OFF_MS) return [];
    return [{ labels: labelsOf(member(series, 'metric')), ...sample }];
  });
}

function sampleOf(pair: unknown): Pick<Sample, 'at' | 'value'> | undefined {
  if (!Array.isArray(pair)) return undefined;
  const [seconds, text] = pair as readonly unknown[];
  if (typeof seconds !== 'number' || typeof text !== 'string') return undefined;
  const value = numberOf(text);
  return value === undefined ? undefined : { at: seconds * 1000, value };
}

/** prometheus.io/docs/prometheus/latest/querying/api: numbers are texts, and `NaN`, `+Inf` and `-Inf` are among them. */
function numberOf(text: string): number | undefined {
  if (text === '+Inf') return Infinity;
  if (!/^-?[0-9.]{1,40}(?:e[-+]?[0-9]{1,3})?$/i.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

function labelsOf(metric: unknown): Readonly<Record<string, string>> {
  if (typeof metric !== 'object' || metric === null) return {};
  const labels = Object.entries(metric).slice(0, MOST_LABELS);
  return Object.fromEntries(
    labels.filter((one): one is [string, string] => typeof one[1] === 'string' && one[1].length <= LONGEST_LABEL),
  );
}
