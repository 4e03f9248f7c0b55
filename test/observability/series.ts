/** Series from which an alert fires, and series, close to these, from which it does not. */
export interface AlertCase {
  readonly alert: string;
  /** Each series with its values by the minute, in the notation of promtool. */
  readonly fires: Readonly<Record<string, string>>;
  readonly quiet: Readonly<Record<string, string>>;
  /** When both are judged, in minutes; the notation of promtool begins at minute 0, which is 1970. */
  readonly at: number;
  /** Labels of the alert besides its severity. */
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
}

/** Labels of a process of the controller. */
export const TARGET = 'job="monitoring/aks-ca-trust",instance="10.0.0.1:8443"';
/** … as an alert has them. */
export const target = { job: 'monitoring/aks-ca-trust', instance: '10.0.0.1:8443' };
/** … of the job alone. */
export const { job } = target;
/** Labels of an object. */
export const OBJECT = 'namespace="web",name="roots",target_cluster="prod"';
/** … as an alert has them. */
export const object = { namespace: 'web', name: 'roots', target_cluster: 'prod' };
/** … of a CustomCATrust object. */
export const TRUST = `${OBJECT},kind="CustomCATrust"`;
/** … of a process that does not lead. */
export const STANDBY = TARGET.replace('10.0.0.1', '10.0.0.2');
