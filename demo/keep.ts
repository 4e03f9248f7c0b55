import { CLUSTER, GROUP, type Azure } from './azure.ts';
import type { Controller } from './controller.ts';
import type { ControlPlanes } from './control-planes.ts';
import { Interrupted, type Run } from './run.ts';

/** Prints commands to try, and waits for Ctrl-C. Throws when a program ends meanwhile. */
export async function keepRunning(
  { screen, signal }: Run,
  { management, target }: ControlPlanes,
  azure: Azure,
  controller: Controller,
): Promise<void> {
  screen.quote(`
The management cluster:
  export KUBECONFIG=${management.kubeconfig}
  kubectl apply -f .demo/1-three-certificates.yaml
  kubectl get customcatrusts,targetclusters -A --watch-only

How far a change has come, followed until it is over (the flags: --help; certificates: --certificates):
  node_modules/.bin/node src/main.ts status -A --watch

The target cluster's nodes, as they are replaced:
  kubectl --kubeconfig ${target.kubeconfig} get nodes --watch

The controller:
  tail -f ${controller.logFile}
  curl ${controller.metricsUrl}

${azure.howToConnect()}

The AKS cluster, for the Azure CLI that is signed in there:
  az aks show --resource-group ${GROUP} --name ${CLUSTER} --query securityProfile

Everything stays until Ctrl-C.`);
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    if (signal.aborted) resolve();
  });
  if (!(signal.reason instanceof Interrupted)) throw signal.reason;
  screen.say('cleaning up');
}
