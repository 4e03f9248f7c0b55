import { findWorkloadPrograms } from '../control-plane/binaries.ts';
import { startControlPlane } from '../control-plane/start.ts';
import { findGoTools } from '../go-tools/find.ts';

/** One management API server for the whole run; test files make namespaces of their own. */
export default async function setUp() {
  const say = (line) => console.log(line);
  const management = await startControlPlane('management', say);
  globalThis.controlPlanes = [management];
  process.env.AKS_CA_TRUST_KUBECONFIG = management.config.kubeconfigPath;
  // Built once where they are missing, before tests that need them wait for it; these say themselves what they lack.
  await findWorkloadPrograms(say).catch((error) => say(error.message));
  await findGoTools(say);
}
