import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { objectsIn } from './api-server.ts';
import type { Plane } from './control-planes.ts';
import type { Run } from './run.ts';

/** kubectl at the management cluster; each command is printed. */
export interface Kubectl {
  apply(file: string): Promise<void>;
  /** Asks for deletion and does not wait for it. */
  delete(file: string): Promise<void>;
  /** Waits until an object is Ready, as `kubectl wait` does. False where there is no kubectl. */
  waitReady(kind: string, namespace: string, name: string): Promise<boolean>;
  /** Shows the objects of these kinds; by default the trust objects and the clusters' records. */
  show(...kinds: readonly string[]): Promise<void>;
}

const KINDS = ['customcatrusts', 'targetclusters'];
const execute = promisify(execFile);

/** kubectl where the machine has it; else the same requests over HTTP. */
export async function findKubectl(run: Run, plane: Plane): Promise<Kubectl> {
  try {
    await execute('kubectl', ['version', '--client']);
  } catch {
    run.screen.say('kubectl is not on this machine: its requests are sent over HTTP (server-side apply)');
    return overHttp(run, plane);
  }
  return withKubectl(run, plane);
}

function withKubectl({ root, privateFolder, screen, signal }: Run, { kubeconfig }: Plane): Kubectl {
  async function kubectl(...args: string[]): Promise<void> {
    screen.say(`$ kubectl ${args.join(' ')}`);
    const env = { ...process.env, KUBECONFIG: kubeconfig };
    const { stdout } = await execute('kubectl', ['--cache-dir', join(privateFolder, 'kubectl-cache'), ...args], {
      cwd: root,
      env,
      signal,
    });
    screen.quote(stdout);
  }
  return {
    apply: (file) => kubectl('apply', '-f', file),
    delete: (file) => kubectl('delete', '--wait=false', '-f', file),
    async waitReady(kind, namespace, name) {
      await kubectl('wait', `${kind}/${name}`, '-n', namespace, '--for=condition=Ready', '--timeout=120s');
      return true;
    },
    show: (...kinds) => kubectl('get', (kinds.length > 0 ? kinds : KINDS).join(','), '-A'),
  };
}

function overHttp({ root, screen }: Run, { admin }: Plane): Kubectl {
  const each = (file: string) => objectsIn(readFileSync(join(root, file), 'utf8'));
  return {
    async apply(file) {
      screen.say(`apply ${file}`);
      for (const object of each(file)) await admin.apply(object);
    },
    async delete(file) {
      screen.say(`delete ${file}`);
      for (const object of each(file)) await admin.delete(object);
    },
    waitReady: () => Promise.resolve(false),
    async show(...kinds) {
      for (const kind of kinds.length > 0 ? kinds : KINDS) {
        screen.say(`get ${kind}`);
        screen.quote(aligned(await admin.table(`/apis/aks-ca-trust.dev/v1alpha1/${kind}`)));
      }
    },
  };
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('   ')).join('\n');
}
