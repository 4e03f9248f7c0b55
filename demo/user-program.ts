import { ApiException, CustomObjectsApi, KubeConfig } from '@kubernetes/client-node';

/** A program of a user's, which reads our kinds through the client library of Kubernetes as any other kind. */
export interface UserProgram {
  /** Undefined when there is none. */
  getTrust(namespace: string, name: string): Promise<unknown>;
}

/** @param kubeconfig path of the file that the program is given */
export function createUserProgram(kubeconfig: string): UserProgram {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const objects = config.makeApiClient(CustomObjectsApi);
  return {
    async getTrust(namespace, name) {
      try {
        return (await objects.getNamespacedCustomObject({
          group: 'aks-ca-trust.dev',
          version: 'v1alpha1',
          plural: 'customcatrusts',
          namespace,
          name,
        })) as unknown;
      } catch (error) {
        if (error instanceof ApiException && error.code === 404) return undefined;
        throw error;
      }
    },
  };
}
