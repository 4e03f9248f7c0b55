import type { AutoRotationRow, CertificateRow } from '../../cluster-certificates/judgement.ts';
import type { ScanResult } from './scan/result.ts';

/** A row of the table. Besides those of the API, the command has one for the client certificate of the kubeconfig of -f. */
export type CertsRow = Omit<CertificateRow, 'name'> & {
  readonly name: CertificateRow['name'] | 'KubeconfigFile';
};

/** A command that only a person can run, with the names of this cluster. */
export interface NodeCommand {
  readonly pool: string;
  readonly node: string;
  /** What it shows, in a few words. */
  readonly shows: string;
  /** One line for a shell. */
  readonly command: string;
}

/** Everything that `certs` shows of one cluster. */
export interface CertsReport {
  /** Name of the cluster, or the host of its API server. */
  readonly name: string;
  /** ARM id; undefined where only a kubeconfig is known. */
  readonly resourceId: string | undefined;
  /** URL of the API server; undefined where it is not known, or was not asked. */
  readonly server?: string;
  /** The object that the controller writes; undefined where the command itself has read. */
  readonly object?: { readonly namespace: string; readonly name: string };
  readonly rows: readonly CertsRow[];
  /** False where neither ARM nor the API server has answered: what is known then is from a file of the person alone. */
  readonly heard: boolean;
  /** True where the kubeconfig of -f has another CA than ARM returns. */
  readonly fileIsOutdated?: boolean;
  readonly autoRotation: readonly AutoRotationRow[];
  /** Sentences about what is missing or unusual. */
  readonly notices: readonly string[];
  readonly nodeCommands: readonly NodeCommand[];
  readonly scan?: ScanResult;
}
