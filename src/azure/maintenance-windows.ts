import type { MaintenanceConfiguration } from '@azure/arm-containerservice';
import type { ClusterId } from '../api/resource-id.ts';
import { nextOpening, openUntil } from './maintenance-schedule.ts';
import type { ArmTransport } from './transport.ts';

/** The only window that AllowDuringMaintenanceWindow goes by. learn.microsoft.com/azure/aks/node-disruption-policy */
const NODE_OS_SCHEDULE = 'aksManagedNodeOSUpgradeSchedule';

export interface MaintenanceWindows {
  /**
   * When the cluster's node OS window next opens, in ms; undefined where there is none, it cannot be read, or one is open. AKS
   * applies a new or changed window only after 15 to 30 minutes, so a write that is refused meanwhile is sent again by its own
   * backoff and not in the next window.
   */
  nextOpening(id: ClusterId, now: number, signal: AbortSignal): Promise<number | undefined>;
}

export function createMaintenanceWindows(transport: ArmTransport): MaintenanceWindows {
  return {
    async nextOpening(id, now, signal) {
      const client = transport.sdk(id.subscriptionId);
      let configuration: MaintenanceConfiguration;
      try {
        configuration = await client.maintenanceConfigurations.get(id.resourceGroup, id.name, NODE_OS_SCHEDULE, {
          abortSignal: signal,
        });
      } catch {
        signal.throwIfAborted();
        // Without the window, the refusal's own backoff decides.
        return undefined;
      }
      const window = configuration.maintenanceWindow;
      try {
        return window && openUntil(window, now) === undefined ? nextOpening(window, now) : undefined;
      } catch {
        // The schedule has members of unexpected types.
        return undefined;
      }
    },
  };
}
