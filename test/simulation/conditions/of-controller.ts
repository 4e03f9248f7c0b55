import type { Condition } from './condition.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Conditions of the controller's own machine, and of a fleet. */
export const OF_CONTROLLER: readonly Condition[] = [
  {
    name: "the controller's clock jumps",
    spares: 'OtherClusters',
    deceives: true,
    begin({ world, random, fleet, every }) {
      const offsets = new Map(fleet.processes.map((process) => [process, process.clockOffset]));
      every(
        () => random.between(MINUTE, 40 * MINUTE),
        () => {
          for (const process of fleet.processes) process.clockOffset = random.between(-HOUR, HOUR);
          world.note('the clock jumps');
        },
      );
      return () => {
        for (const process of fleet.processes) process.clockOffset = offsets.get(process) ?? 0;
      };
    },
  },
  {
    name: 'the controller is killed every ten minutes',
    spares: 'Everybody',
    costs: { firstReads: 160, readsAnHour: 60 },
    begin({ random, fleet, every }) {
      every(
        () => random.between(5 * MINUTE, 15 * MINUTE),
        () => fleet.any()?.crash('killed'),
      );
      return () => {};
    },
  },
  {
    name: 'six of eight clusters hang',
    spares: 'OtherClusters',
    clusters: 8,
    // Those that hang keep their slots for as long as one node may take, and without node access a whole pool; some minutes until then.
    slack: ({ nodeAccess }) => (nodeAccess ? 15 * MINUTE : HOUR) + 5 * MINUTE,
    costs: { firstReads: 300 },
    begin({ world }) {
      const hanging = world.aks.filter((_, place) => place !== 1 && place !== 7);
      for (const aks of hanging) aks.lastingEnd = 'Never';
      return () => {
        for (const aks of hanging) {
          aks.lastingEnd = undefined;
          aks.complete();
        }
      };
    },
  },
];
