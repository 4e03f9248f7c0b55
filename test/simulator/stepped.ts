import { startSimulator, steppedClock, type Simulator, type SteppedClock } from '../../simulator/index.ts';
import { armClient, type ArmClient } from './arm-client.ts';
import { makeElements } from './certificates.ts';

export const HOUR = 3_600_000;

/** Settings of a pool whose nodes are replaced one after the other, without surge. */
export const IN_PLACE = { maxSurge: 0, maxUnavailable: 1 };

/** Body of a PUT that has only the list. */
export const withList = (list: readonly string[]) =>
  JSON.stringify({ properties: { securityProfile: { customCATrustCertificates: list } } });

/** A simulator whose clock only the test moves. */
export interface Stepped {
  readonly clock: SteppedClock;
  readonly simulator: Simulator;
  readonly arm: ArmClient;
  /** Two elements of a list. */
  readonly a: string;
  readonly b: string;
}

/** Starts one in which a node takes 100 s, and an operation 5 s besides its nodes. */
export async function startStepped(): Promise<Stepped> {
  const clock = steppedClock(Date.parse('2026-01-01T00:00:00Z'));
  const simulator = await startSimulator({ clock, nodeSeconds: 100, overheadSeconds: 5, throttling: false });
  const [a, b] = (await makeElements(2)).map(({ base64 }) => base64) as [string, string];
  return { clock, simulator, arm: await armClient(simulator), a, b };
}
