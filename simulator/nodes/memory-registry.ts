import type { Clock } from '../clock.ts';
import type { Random } from '../random.ts';
import type { NodeRegistry } from './node-registry.ts';

/** Nodes that only the simulator knows of. Their creation times are simulated. */
export function memoryRegistry(clock: Clock, random: Random): NodeRegistry {
  return {
    register: async () => ({ uid: random.guid(), createdAt: new Date(clock.now()).toISOString() }),
    ready: async () => {},
    notReady: async () => {},
    change: async () => {},
    labels: async () => undefined,
    remove: async () => {},
    event: async () => '',
    eventAgain: async () => true,
    loseEvents: async () => {},
    allowJoining: async () => {},
    requestCertificate: async () => {},
    publishRootCa: async () => {},
    registerMetricsServer: async () => {},
    pods: undefined,
    close: async () => {},
  };
}
