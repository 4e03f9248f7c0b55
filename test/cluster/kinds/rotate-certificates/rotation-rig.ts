import type { CertificateRotation } from '../../../../src/api/generated/certificaterotations.ts';
import type { ReconcileSummary } from '../../../../src/cluster/reconcile.ts';
import { MINUTE } from '../../../harness/build.ts';
import { memoryRig, type MemoryRig, type Seams } from '../../../harness/memory-rig.ts';
import { ROTATE_POLICY, rotation, type RotationOptions } from '../../../harness/rotation.ts';

export const OLD = 40;
export const NEW = 41;
export const ROTATING = 'RotatingClusterCertificates';
export const KEY = (name: string) => `team/certificaterotations/${name}`;

/** Reconciles of a cluster with these objects, in namespace team. Every namespace may rotate. */
export function rigWith(
  objects: Readonly<Record<string, RotationOptions>>,
  seams: (rig: MemoryRig) => Seams = () => ({}),
): MemoryRig {
  const rig = memoryRig({}, seams);
  rig.policy = ROTATE_POLICY;
  for (const [name, options] of Object.entries(objects)) put(rig, name, options);
  return rig;
}

export function put(rig: MemoryRig, name: string, options: RotationOptions): void {
  rig.others.set(KEY(name), rotation(name, options));
}

export const statusOf = (rig: MemoryRig, name = 'r') =>
  (rig.others.get(KEY(name)) as CertificateRotation | undefined)?.status;
export const conditionOf = (rig: MemoryRig, type = 'RotationSucceeded', name = 'r') =>
  statusOf(rig, name)?.conditions?.find((one) => one.type === type);

/** Reconciles until the CA was read twice, a minute apart, so that what is due is sent. */
export async function begin(rig: MemoryRig): Promise<ReconcileSummary> {
  await rig.pass();
  rig.now += MINUTE;
  return rig.pass();
}

/** Reconciles once a minute. */
export async function minutes(rig: MemoryRig, count: number): Promise<void> {
  for (let minute = 0; minute < count; minute++) {
    rig.now += MINUTE;
    await rig.pass();
  }
}

/** The whole rotation from the POST on, as AKS goes through it. */
export async function rotated(rig: MemoryRig, root = NEW): Promise<void> {
  rig.arm = { ...rig.arm, provisioningState: ROTATING };
  await minutes(rig, 2);
  rig.clusterCA = root;
  rig.arm = { ...rig.arm, provisioningState: 'Succeeded' };
  await minutes(rig, 3);
}
