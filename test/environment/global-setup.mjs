import { startControlPlane } from '../control-plane/start.ts';

/** One management API server for the whole run; test files make namespaces of their own. */
export default async function setUp() {
  const management = await startControlPlane('management', (line) => console.log(line));
  globalThis.controlPlanes = [management];
  process.env.AKS_CA_TRUST_KUBECONFIG = management.config.kubeconfigPath;
}
