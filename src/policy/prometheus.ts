import type { Shape } from './shape.ts';

/** How the controller signs in to a Prometheus. */
export const PROMETHEUS_AUTH = ['none', 'azure', 'bearerToken'] as const;

/** A Prometheus that has the metrics of kubelets. */
export interface PrometheusSource {
  /** `https:`, or `http:` to a Service of the controller's own cluster or its own machine. Its path is before `/api/v1/query`. */
  readonly url: string;
  /** Label matchers of PromQL that select the series of one cluster, without braces; `{cluster}` stands for its name. Empty: all. */
  readonly matchers: string;
  readonly auth: (typeof PROMETHEUS_AUTH)[number];
  /** The file with the token, for `bearerToken`. */
  readonly bearerTokenFile?: string;
}

/** One entry of `prometheus`. */
export interface PrometheusRule extends PrometheusSource {
  readonly clusters: readonly string[];
}

const NAME = '[a-zA-Z_][a-zA-Z0-9_]*';
const MATCHER = `${NAME}\\s*(?:=~|!~|!=|=)\\s*"(?:[^"\\\\\\n]|\\\\[^\\n])*"`;
const MATCHERS = new RegExp(`^(?=.{0,1024}$)\\s*${MATCHER}(?:\\s*,\\s*${MATCHER})*\\s*,?\\s*$`);
const METRIC_NAME = /(?:^|,)\s*__name__\s*[=!]/;
const FILE = /^\/[^\0]{1,1023}$/;
/** learn.microsoft.com/azure/azure-monitor/essentials/prometheus-api-promql; the other clouds as KEDA and Grafana have them. */
const AZURE_MONITOR = /\.prometheus\.monitor\.azure\.(?:com|us|cn)$/;

/** Reads one entry. A token is sent to nothing but what the entry names, and never in the clear over a network. */
export function readPrometheus(shape: Shape): PrometheusRule {
  const rule = shape.mapping(['clusters', 'url', 'matchers', 'auth', 'bearerTokenFile']);
  const auth = rule.optional('auth')?.oneOf(PROMETHEUS_AUTH) ?? 'none';
  const url = rule.required('url');
  const fault = urlFault(url.text(), auth);
  if (fault !== undefined) throw url.fault(fault);
  const matchers = rule.optional('matchers');
  const selected = matchers?.text() ?? '';
  const misread = matchers && matchersFault(selected);
  if (misread !== undefined) throw matchers?.fault(misread) ?? shape.fault(misread);
  const file = rule.optional('bearerTokenFile')?.text(FILE, 'the absolute path of a file');
  if ((auth === 'bearerToken') !== (file !== undefined))
    throw shape.fault('The member "bearerTokenFile" belongs to "auth: bearerToken", and is needed there.');
  return {
    clusters: rule.required('clusters').items((one) => one.text()),
    url: url.text(),
    matchers: selected,
    auth,
    ...(file === undefined ? {} : { bearerTokenFile: file }),
  };
}

/** What is wrong with label matchers, in a sentence; undefined where nothing is. */
export function matchersFault(text: string): string | undefined {
  if (!MATCHERS.test(text)) return 'This must be label matchers of PromQL without braces, such as cluster="prod-weu".';
  return METRIC_NAME.test(text) ? 'This must not name a metric.' : undefined;
}

/** True for the query endpoint of an Azure Monitor workspace, in any cloud. */
export function isAzureMonitor(url: string): boolean {
  return AZURE_MONITOR.test(URL.parse(url)?.hostname ?? '');
}

/** True for an address that only the pods of one cluster can resolve. */
export function isServiceAddress(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed !== null && isService(parsed);
}

/** What is wrong with a URL for a sign-in, in a sentence; undefined where nothing is. */
export function urlFault(text: string, auth: PrometheusSource['auth']): string | undefined {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    return 'This must be a URL that begins with https://.';
  if (url.username !== '' || url.password !== '') return 'This must have no user name and no password: use "auth".';
  if (url.search !== '' || url.hash !== '') return 'This must end with its path: no "?" and no "#".';
  if (auth === 'azure' && (url.protocol !== 'https:' || !AZURE_MONITOR.test(url.hostname)))
    return 'With "auth: azure" this must be the query endpoint of an Azure Monitor workspace, https://….prometheus.monitor.azure.com.';
  if (url.protocol === 'https:' || isOwnMachine(url)) return undefined;
  if (auth === 'bearerToken') return 'This must begin with https://: a token is not sent in the clear.';
  return isService(url)
    ? undefined
    : "This must begin with https://, unless it is a Service of the controller's own cluster (….svc).";
}

function isOwnMachine({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

function isService({ hostname }: URL): boolean {
  return /\.svc(?:\.cluster\.local)?\.?$/.test(hostname);
}
