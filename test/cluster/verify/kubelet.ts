import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from '../../../src/kubernetes/client/connection.ts';

/** A machine: what its trust store has, by file, and who signed the certificate of the registry it pulls from. */
export interface Machine {
  /** PEM texts, in the order of the list it was born with. */
  readonly trusted: readonly string[];
}

export interface Registry {
  /** PEM of the CA that signed its certificate. */
  readonly signedBy: string;
  /** What it answers after that; default: the image. */
  readonly refuses?: string;
}

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
  readonly spec: {
    readonly nodeName: string;
    readonly containers: readonly {
      readonly name: string;
      readonly image: string;
      readonly command: readonly string[];
    }[];
    readonly volumes?: readonly { readonly hostPath: { readonly path: string; readonly type: string } }[];
  };
  readonly status?: { readonly containerStatuses?: readonly unknown[] };
}

/** What kubelets of these machines do with the pods of a namespace, once: pulls, starts, ends. Says which pods it found. */
export async function playKubelets(
  admin: Connection,
  namespace: string,
  machines: ReadonlyMap<string, Machine>,
  registry: Registry,
): Promise<Pod[]> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  const { items } = (await admin.request({ path })) as { items: Pod[] };
  for (const pod of items) {
    const machine = machines.get(pod.spec.nodeName);
    if (!machine) continue;
    const own = `${path}/${pod.metadata.name}`;
    if (pod.metadata.deletionTimestamp !== undefined) {
      await admin.request({ method: 'DELETE', path: own, query: { gracePeriodSeconds: '0' } });
    } else if (!pod.status?.containerStatuses) {
      const status = pod.spec.volumes ? runCheck(pod, machine) : pull(machine, registry);
      const told = pod.spec.containers.map(({ name, image }) => {
        const state = name === 'verify' ? status.state : { running: {} };
        return { name, image, imageID: '', ready: false, restartCount: 0, state };
      });
      await admin.request({
        method: 'PATCH',
        path: `${own}/status`,
        contentType: 'application/merge-patch+json',
        body: { status: { phase: status.phase, containerStatuses: told } },
      });
    }
  }
  return items;
}

function pull({ trusted }: Machine, { signedBy, refuses }: Registry) {
  const why = !trusted.includes(signedBy)
    ? 'failed to do request: Head "https://images.example.com/v2/app/manifests/1": tls: failed to verify certificate: x509: certificate signed by unknown authority'
    : refuses;
  if (why === undefined) return ended('Failed', 128, 'StartError', 'exec: no such file or directory');
  return { phase: 'Pending', state: { waiting: { reason: 'ErrImagePull', message: why } } };
}

/** Runs the pod's own command over files as AKS writes them. */
function runCheck({ spec: { containers, volumes } }: Pod, { trusted }: Machine) {
  const disk = mkdtempSync(join(tmpdir(), 'node-'));
  try {
    const folder = join(disk, volumes?.[0]?.hostPath.path ?? '');
    mkdirSync(join(folder, 'certs'), { recursive: true });
    trusted.forEach((pem, index) => {
      writeFileSync(join(folder, 'certs', `aks-custom-00000000000000cert${index}.crt`), pem);
    });
    const log = join(disk, 'termination-log');
    writeFileSync(log, '');
    const [program = '', ...args] = containers.find(({ name }) => name === 'verify')?.command ?? [];
    const places: Readonly<Record<string, string>> = { '/dev/termination-log': log, '/trust-store': folder };
    execFileSync(
      program,
      args.map((arg) => places[arg] ?? arg),
      { stdio: 'pipe' },
    );
    return ended('Succeeded', 0, 'Completed', readFileSync(log, 'utf8'));
  } finally {
    rmSync(disk, { recursive: true });
  }
}

function ended(phase: string, exitCode: number, reason: string, message: string) {
  return { phase, state: { terminated: { exitCode, reason, message } } };
}
