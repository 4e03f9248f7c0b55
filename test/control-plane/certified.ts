import { kubeApiServers, type OwnControlPlane } from '../../simulator/index.ts';
import { findControlPlane } from './binaries.ts';

export interface CertifiedOptions {
  /** How many kube-apiservers answer in turn at one address. Default 1. */
  readonly replicas?: number;
  /** Flags of kube-apiserver besides those it gets anyway, or instead of them. */
  readonly apiServerFlags?: Readonly<Record<string, string>>;
}

/** A control plane that can be rotated: see kubeApiServers. */
export type CertifiedControlPlane = OwnControlPlane;

/**
 * Real kube-apiservers with the certificates that the simulator makes for a cluster, and makes anew in a rotation. For one cluster at a
 * time: `addCluster({ controlPlane })`. To be stopped after the simulator.
 */
export async function startCertifiedControlPlane(options: CertifiedOptions = {}): Promise<CertifiedControlPlane> {
  const { replicas = 1, apiServerFlags = {} } = options;
  return kubeApiServers({ programs: await findControlPlane(() => {}), replicas, flags: apiServerFlags });
}
