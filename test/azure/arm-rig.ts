import {
  startSimulator,
  steppedClock,
  type Simulator,
  type SimulatorOptions,
  type SteppedClock,
} from '../../simulator/index.ts';
import { parseClusterId, type ClusterId } from '../../src/api/resource-id.ts';
import { ARM_API_VERSION } from '../../src/azure/api-version.ts';
import type { Cloud } from '../../src/azure/clouds.ts';
import { createCredential, type CredentialConfig } from '../../src/azure/credentials.ts';
import { createManagedClusters, type ManagedClusters, type Outcome } from '../../src/azure/managed-clusters.ts';
import type { ArmFailure } from '../../src/azure/failures.ts';
import { createTransport, type ArmTransport } from '../../src/azure/transport.ts';

/** The simulator with a clock that stands still, and ways to reach it. */
export interface ArmRig {
  readonly simulator: Simulator;
  readonly clock: SteppedClock;
  readonly cloud: Cloud;
  /** An application with a secret that may do everything. */
  readonly secret: Extract<CredentialConfig, { kind: 'ClientSecret' }>;
  transport(
    config?: CredentialConfig,
    options?: { timeoutMs?: number; signInMs?: number; cloud?: Cloud },
  ): Promise<ArmTransport>;
}

export async function startArmRig(options: SimulatorOptions = {}): Promise<ArmRig> {
  const clock = steppedClock(Date.parse('2026-01-01T00:00:00Z'));
  const simulator = await startSimulator({ clock, nodeSeconds: 60, throttling: false, ...options });
  const cloud = { authorityHost: simulator.authority, endpoint: simulator.url, scope: `${simulator.url}/.default` };
  const { clientId, clientSecret } = simulator.addClient();
  const secret = { kind: 'ClientSecret', tenantId: simulator.tenantId, clientId, clientSecret } as const;
  const ca = [simulator.caPem];
  return {
    simulator,
    clock,
    cloud,
    secret,
    async transport(config = secret, { timeoutMs = 10_000, signInMs = 30_000, cloud: other = cloud } = {}) {
      const credential = await createCredential(config, {
        cloud: other,
        disableInstanceDiscovery: true,
        ca,
        timeoutMs: signInMs,
      });
      return createTransport({ cloud: other, credential, apiVersion: ARM_API_VERSION, timeoutMs, ca });
    },
  };
}

export function idOf({ resourceId }: { resourceId: string }): ClusterId {
  const id = parseClusterId(resourceId);
  if (!id) throw new Error(`${resourceId} is no cluster's id`);
  return id;
}

/** Managed clusters whose clock a test moves. */
export function clustersOver(transport: ArmTransport, now = 0): { arm: ManagedClusters; time: { now: number } } {
  const time = { now };
  return { arm: createManagedClusters({ transport, now: () => time.now }), time };
}

export function failureOf(outcome: Outcome<unknown>): ArmFailure {
  if (outcome.ok) throw new Error('the call went well');
  return outcome.failure;
}

export function valueOf<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(`${outcome.failure.code}: ${outcome.failure.message}`);
  return outcome.value;
}

/** Never aborted. */
export const CALM = new AbortController().signal;
