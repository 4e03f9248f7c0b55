import { join } from 'node:path';
import { request } from 'undici';
import { freePort } from './free-port.ts';
import { startGuarded, type GuardedProcess } from './guarded-process.ts';
import { untilReady } from './until-ready.ts';

/** An etcd of one member. */
export interface Etcd {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly program: GuardedProcess;
}

/** @param programs folder that has `etcd` */
export async function startEtcd(programs: string, dataFolder: string): Promise<Etcd> {
  const [clients, peers] = await Promise.all([freePort(), freePort()]);
  const url = `http://127.0.0.1:${clients}`;
  const peerUrl = `http://127.0.0.1:${peers}`;
  const program = startGuarded(
    join(programs, 'etcd'),
    [
      `--data-dir=${dataFolder}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=default=${peerUrl}`,
      '--unsafe-no-fsync',
    ],
    process.env,
  );
  await untilReady('etcd', program, async () => {
    const { statusCode, body } = await request(`${url}/health`);
    await body.dump();
    return statusCode === 200;
  });
  return { url, program };
}
