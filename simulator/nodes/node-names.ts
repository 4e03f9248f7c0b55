import { createHash } from 'node:crypto';
import type { Random } from '../random.ts';

/** The eight digits that AKS puts into the names of a cluster's Linux nodes. */
export function clusterDigits(resourceId: string): string {
  const digest = createHash('sha256').update(resourceId.toLowerCase()).digest();
  return String(digest.readUInt32BE(0) % 100_000_000).padStart(8, '0');
}

/** The name of a scale set's machine: `aks-pool-12345678-vmss00000a`, on Windows `akspool00000a`. */
export function nodeName(pool: string, osType: 'Linux' | 'Windows', digits: string, index: number): string {
  const suffix = index.toString(36).padStart(6, '0');
  return osType === 'Windows' ? `aks${pool}${suffix}` : `aks-${pool}-${digits}-vmss${suffix}`;
}

/** The name of a node of node auto-provisioning, never used twice: `aks-default-x7k2p`. */
export function autoProvisionedName(nodePool: string, random: Random): string {
  const suffix = random.guid().replaceAll('-', '').slice(0, 8);
  return `aks-${nodePool}-${suffix}`;
}
