import { escapeForDisplay } from '../../api/display.ts';
import type { Evidence } from '../../cluster-certificates/evidence.ts';
import type { Judgement } from '../../cluster-certificates/judgement.ts';
import { GET_CREDENTIALS, kubeconfigClientRow } from '../../cluster-certificates/kubeconfig-client.ts';
import { readKubeconfigFacts, type KubeconfigFacts } from '../../cluster-certificates/read/kubeconfig-facts.ts';
import type { OwnFile } from './own-file.ts';
import type { CertsRow } from './report.ts';
import type { LiveTarget } from './request.ts';

/** How a person's kubeconfig compares with the one that ARM returns now. */
export interface Comparison {
  readonly own: KubeconfigFacts;
  readonly listed: KubeconfigFacts;
  /** True where it has another CA: it is of before a rotation, or of another cluster, and its connections fail. */
  readonly isOutdated: boolean;
}

/** Compares a person's kubeconfig with the one that ARM returns; undefined where one of them cannot be read. */
export function compareWithArm({ certificates }: OwnFile, text: string): Comparison | undefined {
  const [own, listed] = [factsIn(certificates), factsIn(text)];
  return own && listed && { own, listed, isOutdated: !sameCA(own, listed) };
}

/** The client certificate of the file, where ARM returns another one. */
export function fileRows({ path }: OwnFile, { own, listed }: Comparison, evidence: Evidence, now: number): CertsRow[] {
  const { client } = own;
  if (!client?.ok) return [];
  if (listed.client?.ok && listed.client.certificate.fingerprint256 === client.certificate.fingerprint256) return [];
  const source = `kubeconfig ${escapeForDisplay(path)}`;
  // client-ca-file is left out: kube-apiserver keeps there what it had before (pkg/controlplane/controller/clusterauthenticationtrust).
  const { clientCAs: _, ...rest } = evidence;
  const copy: Evidence = {
    ...rest,
    kubeconfigIsCopy: true,
    kubeconfigClient: { known: true, value: client.certificate, source },
  };
  return [{ ...kubeconfigClientRow(copy, undefined, now), name: 'KubeconfigFile' }];
}

/** What differs, and what to do about it. */
export function fileNotices({ path }: OwnFile, { own, listed, isOutdated }: Comparison, target: LiveTarget): string[] {
  const file = `The kubeconfig ${escapeForDisplay(path)}`;
  const [ours, theirs] = [hostOf(own), hostOf(listed)];
  if (isOutdated)
    return [
      `${file} has another CA than ARM returns: the certificates of the cluster were rotated since, or it is of another cluster. The API server was asked with the kubeconfig from ARM. ${credentialsOf(target)} writes the present one.`,
    ];
  return ours === theirs
    ? []
    : [
        `${file} names the API server ${shown(ours)}, and ARM names ${shown(theirs)}. Where it is of another cluster, all that only the API server shows is of that cluster.`,
      ];
}

/** What a kubeconfig without ARM beside it leaves open. */
export function copyNotices({ path }: OwnFile, { certificates }: Judgement): string[] {
  const leaf = certificates.find(({ name }) => name === 'APIServer');
  if (leaf?.health !== 'Intercepted') return [];
  return [
    `The kubeconfig ${escapeForDisplay(path)} may be older than a rotation of the cluster's certificates: its CA did not sign what the API server shows. Get it again (${GET_CREDENTIALS}), and run the command again. If nothing has changed then, a firewall or a proxy inspects TLS.`,
  ];
}

function factsIn(text: string): KubeconfigFacts | undefined {
  const reading = readKubeconfigFacts(text);
  return reading.ok ? reading.facts : undefined;
}

function hostOf({ server }: KubeconfigFacts): string | undefined {
  return server === undefined ? undefined : URL.parse(server)?.host.toLowerCase();
}

function shown(host: string | undefined): string {
  return host === undefined ? 'none' : escapeForDisplay(host);
}

/** True also where one of them has none that can be read: there is nothing to compare. */
function sameCA({ clusterCA: one }: KubeconfigFacts, { clusterCA: other }: KubeconfigFacts): boolean {
  if (!one?.ok || !other?.ok) return true;
  const prints = new Set(other.certificates.map(({ fingerprint256 }) => fingerprint256));
  return one.certificates.some(({ fingerprint256 }) => prints.has(fingerprint256));
}

function credentialsOf(target: LiveTarget): string {
  if (target.kind === 'File') return GET_CREDENTIALS;
  const { subscriptionId, resourceGroup, name } = target.id;
  const quoted = (text: string) => (/^[-\w.]+$/.test(text) ? text : `'${escapeForDisplay(text).replaceAll("'", '')}'`);
  return `az aks get-credentials --subscription ${quoted(subscriptionId)} --resource-group ${quoted(resourceGroup)} --name ${quoted(name)} --overwrite-existing`;
}
