import { describe, expect, it } from '@jest/globals';
import { nodeCommand } from '../../../src/commands/certs/node-commands.ts';

const SUBSCRIPTION = '00000000-0000-0000-0000-000000000001';
const machine = (rest: string, group = 'mc_rg_prod_westeurope') =>
  `azure:///subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/Microsoft.Compute/${rest}`;
const node = (providerID: string, os = 'linux', name = 'aks-apps-1-vmss000000') => ({
  pool: 'apps',
  name,
  providerID,
  os,
});

describe('the command that a person runs for a node', () => {
  it('has the names of its scale set, for Linux with both files of the certificates', () => {
    const made = nodeCommand(node(machine('virtualMachineScaleSets/aks-apps-1-vmss/virtualMachines/3')));
    expect(made).toMatchObject({ pool: 'apps', node: 'aks-apps-1-vmss000000' });
    expect(made?.command).toBe(
      `az vmss run-command invoke --subscription ${SUBSCRIPTION} --resource-group mc_rg_prod_westeurope --name aks-apps-1-vmss --instance-id 3 --command-id RunShellScript --scripts "openssl x509 -in /etc/kubernetes/certs/apiserver.crt -noout -enddate; openssl x509 -in /var/lib/kubelet/pki/kubelet-client-current.pem -noout -enddate; ls /var/lib/kubelet/bootstrap-kubeconfig /host/var/lib/kubelet/bootstrap-kubeconfig" --query "value[0].message" --output tsv`,
    );
  });

  it('names the machine where there is no scale set', () => {
    const made = nodeCommand(node(machine('virtualMachines/aks-agentpool-1-0')));
    expect(made?.command).toMatch(/^az vm run-command invoke .* --name aks-agentpool-1-0 --command-id RunShellScript /);
  });

  it('reads the path of Windows on Windows', () => {
    const made = nodeCommand(node(machine('virtualMachineScaleSets/akswin/virtualMachines/0'), 'windows'));
    expect(made?.command).toContain(
      String.raw`--command-id RunPowerShellScript --scripts "Test-Path C:\k\bootstrap-config"`,
    );
  });

  it('quotes a resource group with letters of any script or with parentheses', () => {
    for (const group of ['mc_größe_東京', 'mc_a(b)'])
      expect(nodeCommand(node(machine('virtualMachines/a', group)))?.command).toContain(`--resource-group '${group}' `);
  });

  it.each([
    ['nothing', ''],
    ['a machine of another cloud', 'aws:///eu-west-1a/i-0'],
    ['a substitution in the group', machine('virtualMachines/a', 'mc_$(reboot)')],
    ['a second command in the name', machine('virtualMachines/a;reboot')],
    ['a quote in the scale set', machine('virtualMachineScaleSets/a"b/virtualMachines/0')],
    ['a line end', machine('virtualMachines/a\nreboot')],
    ['an instance that is no number', machine('virtualMachineScaleSets/a/virtualMachines/-1')],
    ['a subscription that is none', machine('virtualMachines/a').replace(SUBSCRIPTION, '$HOME')],
  ])('is not made of %s: the API server may be any server', (_, providerID) => {
    expect(nodeCommand(node(providerID))).toBeUndefined();
  });

  it('is not made for a node with an unusual name', () => {
    for (const name of ['a\u202eb', 'a..b'])
      expect(nodeCommand(node(machine('virtualMachines/a'), 'linux', name))).toBeUndefined();
  });
});
