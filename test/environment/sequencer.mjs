import TestSequencer from '@jest/test-sequencer';

/** The files that take longest, in that order. One that begins last would keep one core busy while the others are idle. */
const LONGEST = [
  'test/simulation/mutants.test.ts',
  'test/kubernetes/client/connection-hostile.test.ts',
  'test/cluster/node-access/hostile-server.test.ts',
  'test/chaos/api-server-away.test.ts',
  'test/integration/rotation-situations.test.ts',
  'test/simulation/simulation.test.ts',
  'test/chaos/kills.test.ts',
  'test/integration/rotate-certificates.test.ts',
  'test/integration/edit-commands.test.ts',
  'test/docs/commands.test.ts',
  'test/simulation/flood.test.ts',
  'test/lifecycle/uninstall.test.ts',
];

/** Jest knows how long a file takes only where it ran before: on a new clone it goes by the size of the file. */
export default class LongestFirst extends TestSequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const index = LONGEST.findIndex((name) => path.endsWith(name));
      return index < 0 ? LONGEST.length : index;
    };
    return super.sort(tests).toSorted((a, b) => rank(a) - rank(b));
  }
}
