import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { createOperator } from '../../src/controller/operator.ts';
import type { createWorkQueue } from '../../src/runtime/queue.ts';
import type { createLeaderElection } from '../../src/runtime/leader-election.ts';
import type { runManager } from '../../src/runtime/manager.ts';
import type { fenceWrites } from '../../src/runtime/fence.ts';
import type { assertLeading } from '../../src/runtime/fence.ts';
import type { createBudgets } from '../../src/azure/budgets.ts';
import type { createManagedClusters } from '../../src/azure/managed-clusters.ts';
import type { createCertificateReader } from '../../src/certificates/reader.ts';
import type { createEventRecorder } from '../../src/kubernetes/events/event-recorder.ts';
import type { OPEN_GRANTS, OPEN_POLICY } from '../../src/policy/policy.ts';
import type { KubernetesError } from '../../src/kubernetes/error.ts';
import type { DEFAULT_TIMING } from '../../src/cluster/model/timing.ts';

/** The modules under test, of whichever copy of src. */
export interface Subject {
  readonly createOperator: typeof createOperator;
  readonly createWorkQueue: typeof createWorkQueue;
  readonly createLeaderElection: typeof createLeaderElection;
  readonly runManager: typeof runManager;
  readonly fenceWrites: typeof fenceWrites;
  readonly assertLeading: typeof assertLeading;
  readonly createBudgets: typeof createBudgets;
  readonly createManagedClusters: typeof createManagedClusters;
  readonly createCertificateReader: typeof createCertificateReader;
  readonly createEventRecorder: typeof createEventRecorder;
  readonly OPEN_GRANTS: typeof OPEN_GRANTS;
  readonly OPEN_POLICY: typeof OPEN_POLICY;
  readonly KubernetesError: typeof KubernetesError;
  readonly DEFAULT_TIMING: typeof DEFAULT_TIMING;
}

const FILES = [
  'controller/operator.ts',
  'runtime/queue.ts',
  'runtime/leader-election.ts',
  'runtime/manager.ts',
  'runtime/fence.ts',
  'azure/budgets.ts',
  'azure/managed-clusters.ts',
  'certificates/reader.ts',
  'policy/policy.ts',
  'kubernetes/error.ts',
  'kubernetes/events/event-recorder.ts',
  'cluster/model/timing.ts',
];

/** Loads them; `source` is the directory src, or a copy of it. */
export async function loadSubject(source: string): Promise<Subject> {
  const modules = await Promise.all(
    FILES.map((file) => import(pathToFileURL(join(source, file)).href) as Promise<object>),
  );
  return Object.assign({}, ...modules) as Subject;
}
