import { availableParallelism } from 'node:os';

const cores = availableParallelism();

export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  // Must be present: Node strips the types itself, and the default (babel-jest) would claim .ts.
  transform: {},
  injectGlobals: false,
  // Each file may start several real programs: with more workers than cores, those of the chaos tests are too slow to come to rest.
  maxWorkers: cores,
  // Many tests start processes or wait for a real API server, which a busy machine makes slow; a test that hangs still ends.
  testTimeout: 30_000,
  coverageProvider: 'v8',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  testSequencer: '<rootDir>/test/environment/sequencer.mjs',
  globalSetup: '<rootDir>/test/environment/global-setup.mjs',
  globalTeardown: '<rootDir>/test/environment/global-teardown.mjs',
};
