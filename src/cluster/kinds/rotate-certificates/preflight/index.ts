import { clusterRunning, idle, noOtherOperation, onTarget, poolsRunning, selfHosted } from './cluster.ts';
import type { PreflightCheck, PreflightFinding, PreflightInput } from './check.ts';
import { surgeQuota, subnetIPs } from './capacity.ts';
import { clockSane } from './clock.ts';
import { consumers } from './consumers.ts';
import { positiveControl } from './credentials.ts';
import { localData } from './data.ts';
import { armTokenFresh, noLock, permission } from './rights.ts';
import { autoProvisionedNodes, evictable, nodesReady, virtualNodes } from './nodes.ts';
import { versionSupported } from './version.ts';
import { nodeDisruptionPolicy, noUpgradeWindow } from './windows.ts';

/** One row of `status.preflight`. */
export interface PreflightRow extends PreflightFinding {
  readonly name: string;
  /** True where it holds the rotation. */
  readonly blocks: boolean;
}

/** Everything that is checked before a rotation begins, in the order of the rows. Each has its rows in the matrix test. */
export const PREFLIGHT: readonly PreflightCheck[] = [
  clusterRunning,
  poolsRunning,
  idle,
  onTarget,
  noOtherOperation,
  noUpgradeWindow,
  nodeDisruptionPolicy,
  versionSupported,
  permission,
  noLock,
  armTokenFresh,
  positiveControl,
  clockSane,
  nodesReady,
  evictable,
  autoProvisionedNodes,
  virtualNodes,
  consumers,
  localData,
  surgeQuota,
  subnetIPs,
  selfHosted,
];

/** The checks before a rotation, a row each. A failure that the objects accept only warns. */
export function preflight(input: PreflightInput, checks: readonly PreflightCheck[] = PREFLIGHT): PreflightRow[] {
  return checks.map(({ name, acceptedAs, check }) => {
    const { result, message, acceptedAs: own } = check(input);
    // A person who accepts the worst that a check can find accepts that it is not known as well.
    const words = [own, acceptedAs].filter((word) => word !== undefined);
    const [word] = words;
    if (result !== 'Failed' || word === undefined) return { name, result, blocks: result === 'Failed', message };
    if (words.some((one) => input.accepted.has(one)))
      return { name, result: 'Warned', blocks: false, message: `${message} It is accepted (spec.accept).` };
    const how = `To rotate all the same, add ${word} to spec.accept.`;
    return { name, result, blocks: true, message: `${message} ${how}` };
  });
}
