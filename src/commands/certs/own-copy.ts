import { escapeForDisplay } from '../../api/display.ts';
import type { Evidence } from '../../cluster-certificates/evidence.ts';
import type { Judgement } from '../../cluster-certificates/judgement.ts';
import { kubeconfigClientRow } from '../../cluster-certificates/kubeconfig-client.ts';
import { readKubeconfigFacts, type KubeconfigFacts } from '../../cluster-certificates/read/kubeconfig-facts.ts';
import type { OwnFile } from './own-file.ts';
import type { CertsRow } from './report.ts';
import type { LiveTarget } from './request.ts';

/** What the kubeconfig on disk adds to the one that ARM returns now. */
export interface Compared {
  readonly rows: readonly CertsRow[];
  readonly notices: readonly string[];
}

/** Compares a person's kubeconfig with the one that ARM returns: after a rotation, or of another cluster, it is another one. */
export function comparedWithArm(
  { path, certificates }: OwnFile,
  listed: string,
  target: LiveTarget,
  evidence: Evidence,
  now: number,
): Compared {
  const [own, arms] = [factsIn(certificates), factsIn(listed)];
  if (!own || !arms) return { rows: [], notices: [] };
  const file = `The kubeconfig ${escapeForDisplay(path)}`;
  const { client } = own;
  const isOther =
    client?.ok && !(arms.client?.ok && arms.client.certificate.fingerprint256 === client.certificate.fingerprint256);
  const copy: Evidence = {
    ...evidence,
    kubeconfigIsCopy: true,
    ...(client?.ok
      ? { kubeconfigClient: { known: true, value: client.certificate, source: `kubeconfig ${path}` } }
      : {}),
  };
  return {
    rows: isOther ? [{ ...kubeconfigClientRow(copy, undefined, now), name: 'KubeconfigFile' }] : [],
    notices: [
      ...(hostOf(own) === hostOf(arms)
        ? []
        : [
            `${file} names the API server ${shown(hostOf(own))}, and ARM names ${shown(hostOf(arms))}. Where it is of another cluster, all that only the API server shows is of that cluster.`,
          ]),
      ...(sameCA(own, arms)
        ? []
        : [
            `${file} has another CA than ARM returns: the certificates of the cluster were rotated since, or it is of another cluster. ${credentialsOf(target)} writes the present one.`,
          ]),
    ],
  };
}

/** What a kubeconfig without ARM beside it leaves open. */
export function copyNotices({ path }: OwnFile, { certificates }: Judgement): string[] {
  const leaf = certificates.find(({ name }) => name === 'APIServer');
  if (leaf?.health !== 'Intercepted') return [];
  return [
    `The kubeconfig ${escapeForDisplay(path)} may be older than a rotation of the cluster's certificates: its CA did not sign what the API server shows. Get it again (az aks get-credentials --overwrite-existing), and run the command again. If nothing has changed then, a firewall or a proxy inspects TLS.`,
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
  if (target.kind === 'File') return 'az aks get-credentials --overwrite-existing';
  const { subscriptionId, resourceGroup, name } = target.id;
  const quoted = (text: string) => (/^[-\w.]+$/.test(text) ? text : `'${escapeForDisplay(text).replaceAll("'", '')}'`);
  return `az aks get-credentials --subscription ${quoted(subscriptionId)} --resource-group ${quoted(resourceGroup)} --name ${quoted(name)} --overwrite-existing`;
}
