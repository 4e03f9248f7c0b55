import { isDnsName } from '../../kubernetes/untrusted/untyped.ts';
import type { NodeCommand } from './report.ts';

/** A node as its object has it. The API server may be any server: these texts go into a command only in the forms that are checked here. */
export interface CommandedNode {
  readonly pool: string;
  /** That of a VMSS instance is its computer name. */
  readonly name: string;
  readonly providerID: string;
  /** Label kubernetes.io/os. */
  readonly os: string;
}

/** Subscription, node resource group, and the rest. A group may have parentheses and letters of any script, so it is quoted where it has. */
const MACHINE =
  /^azure:\/\/\/subscriptions\/([0-9a-f-]{36})\/resourcegroups\/([-_.()\p{L}\p{N}]{1,90})\/providers\/microsoft\.compute\/(.+)$/iu;
const SCALE_SET_INSTANCE = /^virtualmachinescalesets\/([-\w.]{1,64})\/virtualmachines\/(\d{1,9})$/i;
const VIRTUAL_MACHINE = /^virtualmachines\/([-\w.]{1,64})$/i;

/**
 * Files of a node, from learn.microsoft.com/azure/aks/certificate-rotation; kubelet-client-current.pem is the kubelet's own
 * (kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping). openssl prints nothing of a key that is in the file.
 */
const ON_LINUX = [
  'openssl x509 -in /etc/kubernetes/certs/apiserver.crt -noout -enddate',
  'openssl x509 -in /var/lib/kubelet/pki/kubelet-client-current.pem -noout -enddate',
  'ls /var/lib/kubelet/bootstrap-kubeconfig /host/var/lib/kubelet/bootstrap-kubeconfig',
].join('; ');
const ON_WINDOWS = String.raw`Test-Path C:\k\bootstrap-config`;

/** The command that shows on a node what no API shows; undefined for a machine that is none of Azure's, or has unusual names. */
export function nodeCommand({ pool, name, providerID, os }: CommandedNode): NodeCommand | undefined {
  const [, subscription, group, machine = ''] = MACHINE.exec(providerID) ?? [];
  if (subscription === undefined || group === undefined || !isDnsName(name)) return undefined;
  const [, scaleSet, instance] = SCALE_SET_INSTANCE.exec(machine) ?? [];
  const [, vm] = VIRTUAL_MACHINE.exec(machine) ?? [];
  if (vm === undefined && scaleSet === undefined) return undefined;
  const on =
    vm === undefined
      ? `az vmss run-command invoke --subscription ${subscription} --resource-group ${quoted(group)} --name ${scaleSet} --instance-id ${instance}`
      : `az vm run-command invoke --subscription ${subscription} --resource-group ${quoted(group)} --name ${vm}`;
  const windows = os === 'windows';
  const [shell, script] = windows ? ['RunPowerShellScript', ON_WINDOWS] : ['RunShellScript', ON_LINUX];
  return {
    pool,
    node: name,
    shows: windows
      ? 'whether it has a file for TLS bootstrapping. A missing file does not show that auto-rotation is off.'
      : 'when its certificates expire, and whether it has a file for TLS bootstrapping. A missing file does not show that auto-rotation is off.',
    command: `${on} --command-id ${shell} --scripts "${script}" --query "value[0].message" --output tsv`,
  };
}

function quoted(group: string): string {
  return /^[-\w.]+$/.test(group) ? group : `'${group}'`;
}
