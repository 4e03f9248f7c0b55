import { CLUSTER, GROUP, type Azure } from './azure.ts';
import { azureFlags, type Controller } from './controller.ts';
import type { ControlPlanes } from './control-planes.ts';
import { Interrupted, type Run } from './run.ts';
import type { Stage } from './stage.ts';

/** Everything that runs. */
export interface Laboratory {
  readonly planes: ControlPlanes;
  readonly azure: Azure;
  readonly stage: Stage;
  readonly controller: Controller;
}

/** Prints commands to try, and waits for Ctrl-C. Throws when a program ends meanwhile. */
export async function keepRunning({ screen, signal }: Run, laboratory: Laboratory): Promise<void> {
  const {
    planes: { management, target },
    azure,
    controller,
  } = laboratory;
  screen.quote(`
The management cluster:
  export KUBECONFIG=${management.kubeconfig}
  kubectl apply -f ${laboratory.stage.manifests.three}
  kubectl wait customcatrust/corporate-roots -n platform --for=condition=Ready --timeout=5m
  kubectl get customcatrusts,targetclusters -A --watch-only

How far a change has come, followed until it is over (the flags: --help; certificates: --certificates):
  node_modules/.bin/node src/main.ts status -A --watch

The installation, as an administrator finds it, with Azure as the controller signs in there:
  export AZURE_CLIENT_SECRET=${azure.controller.clientSecret}
  node_modules/.bin/node src/main.ts check ${azureFlags(azure).join(' ')}

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
