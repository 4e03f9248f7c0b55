import { X509Certificate } from 'node:crypto';
import { makePki } from '../../../../simulator/certificates/cluster-pki.ts';
import type { CertificateRotation } from '../../../../src/api/generated/certificaterotations.ts';
import { HOUR } from '../../../harness/build.ts';
import { kubeconfigWith, type MemoryRig } from '../../../harness/memory-rig.ts';
import type { RotationOptions } from '../../../harness/rotation.ts';
import { minutes, rigWith, ROTATING } from './rotation-rig.ts';

/** The certificates of a cluster that was created, or rotated, at a time. */
export interface Made {
  readonly ca: string;
  readonly fingerprint: string;
  readonly leaf: X509Certificate;
}

/** @param sharedKeys false: with keys of their own, so that no other CA has signed its certificates; that takes longer */
export async function make(now: number, sharedKeys = true): Promise<Made> {
  const pki = makePki({ seed: { sharedKeys }, hosts: ['prod.example'] }, now);
  const [{ certPem: ca }, { certPem }] = await Promise.all([pki.authority(), pki.serving()]);
  const fingerprint = new X509Certificate(ca).fingerprint256.replaceAll(':', '').toLowerCase();
  return { ca, fingerprint, leaf: new X509Certificate(certPem) };
}

/** A cluster with real certificates in memory. */
export interface PolicyRig extends MemoryRig {
  made: Made;
  /** The certificate that the API server shows; undefined: it does not answer. */
  shown: X509Certificate | undefined;
}

export function policyRig(
  objects: Readonly<Record<string, RotationOptions>>,
  made: Made,
  armAheadMs: () => number | undefined = () => undefined,
): PolicyRig {
  const state = { made, shown: made.leaf as X509Certificate | undefined };
  const rig: MemoryRig = rigWith(objects, () => ({
    get: () => {
      const ahead = armAheadMs();
      if (ahead === undefined) return undefined;
      return { ok: true, value: { text: '{}', model: rig.arm, readAt: rig.now, armAheadMs: ahead } };
    },
    kubeconfig: () => ({ ok: true, value: kubeconfigWith(state.made.ca) }),
    handshake: async () => {
      if (!state.shown) throw Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
      return state.shown;
    },
  }));
  return Object.defineProperties(rig as PolicyRig, {
    made: { get: () => state.made, set: (one: Made) => void (state.made = one) },
    shown: { get: () => state.shown, set: (one: X509Certificate | undefined) => void (state.shown = one) },
  });
}

/** The events that announce rotations. */
export const announcements = (rig: MemoryRig) => rig.events.filter(({ event }) => event.reason === 'RotationAnnounced');

/** Reconciles once an hour. */
export async function hours(rig: MemoryRig, count: number): Promise<void> {
  for (let hour = 0; hour < count; hour++) {
    rig.now += HOUR;
    await rig.pass();
  }
}

/** Reconciles once a minute until the rotation that is due is sent, for at most a quarter of an hour. */
export async function untilSent(rig: MemoryRig): Promise<void> {
  const before = rig.rotations.length;
  for (let minute = 0; minute < 15 && rig.rotations.length === before; minute++) await minutes(rig, 1);
}

/** From the POST on, as AKS goes through it. */
export async function seenThrough(rig: PolicyRig, made: Made): Promise<void> {
  rig.arm = { ...rig.arm, provisioningState: ROTATING };
  await minutes(rig, 2);
  rig.made = made;
  rig.shown = made.leaf;
  rig.arm = { ...rig.arm, provisioningState: 'Succeeded' };
  await minutes(rig, 3);
}

/** The status with the certificate of the API server as the last read of it showed it. */
export const showing = ({ leaf, fingerprint }: Made, more: object = {}): CertificateRotation['status'] => ({
  certificates: [
    {
      name: 'APIServer',
      maintainedBy: 'Microsoft',
      health: 'Healthy',
      notBefore: new Date(leaf.validFrom).toISOString(),
      notAfter: new Date(leaf.validTo).toISOString(),
      signedBySHA256: fingerprint,
      ...more,
    },
  ],
});
