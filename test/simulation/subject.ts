import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The modules under test, of whichever copy of src. */
export interface Subject {
  readonly createOperator: typeof import('../../src/commands/operator.ts').createOperator;
  readonly createWorkQueue: typeof import('../../src/runtime/queue.ts').createWorkQueue;
  readonly createLeaderElection: typeof import('../../src/runtime/leader-election.ts').createLeaderElection;
  readonly runManager: typeof import('../../src/runtime/manager.ts').runManager;
  readonly fenceWrites: typeof import('../../src/runtime/fence.ts').fenceWrites;
  readonly assertLeading: typeof import('../../src/runtime/fence.ts').assertLeading;
  readonly createManagedClusters: typeof import('../../src/azure/managed-clusters.ts').createManagedClusters;
  readonly createCertificateReader: typeof import('../../src/certificates/reader.ts').createCertificateReader;
  readonly KubernetesError: typeof import('../../src/kubernetes/error.ts').KubernetesError;
  readonly DEFAULT_TIMING: typeof import('../../src/cluster/timing.ts').DEFAULT_TIMING;
}

const FILES = [
  'commands/operator.ts',
  'runtime/queue.ts',
  'runtime/leader-election.ts',
  'runtime/manager.ts',
  'runtime/fence.ts',
  'azure/managed-clusters.ts',
  'certificates/reader.ts',
  'kubernetes/error.ts',
  'cluster/timing.ts',
];

/** Loads them; `source` is the directory src, or a copy of it. */
export async function loadSubject(source: string): Promise<Subject> {
  const modules = await Promise.all(
    FILES.map((file) => import(pathToFileURL(join(source, file)).href) as Promise<object>),
  );
  return Object.assign({}, ...modules) as Subject;
}
