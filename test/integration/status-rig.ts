import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { Condition } from '../../src/api/conditions.ts';
import type { CustomCATrustStatus } from '../../src/api/generated/customcatrusts.ts';
import type { TargetClusterStatus } from '../../src/api/generated/targetclusters.ts';
import { customCATrustPath, targetClusterPath } from '../../src/api/names.ts';
import { parseClusterId, recordName } from '../../src/api/resource-id.ts';
import type { Output } from '../../src/commands/client/output.ts';
import type { ResolvedScope } from '../../src/commands/status/read.ts';
import type { StatusRequest } from '../../src/commands/status/request.ts';
import { watchStatus } from '../../src/commands/status/watch.ts';
import type { Connection } from '../../src/kubernetes/client/connection.ts';
import { systemClock, type Clock } from '../../src/runtime/clock.ts';
import { makeServiceAccount, tokenOf } from '../deploy/metrics-roles.ts';
import { startRig, type Rig } from './rig.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const RBAC = '/apis/rbac.authorization.k8s.io/v1';

/** A cluster that nobody works on. */
export const ID =
  '/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/prod';
export const ROLE = parse(
  readFileSync(new URL('../../deploy/kustomize/base/viewer-rbac.yaml', import.meta.url), 'utf8'),
) as { metadata: object; rules: object[] };

export const READY = { status: 'True', reason: 'Trusted' } as const;
export const MOVING = { status: 'False', reason: 'Updating', message: 'a list was sent' } as const;
export const BLOCKED = {
  type: 'NodesReimaged',
  status: 'False',
  reason: 'ReimageBlocked',
  message: 'by a budget',
} as const;

export const REQUEST: StatusRequest = {
  scope: { kind: 'Everywhere' },
  kubeconfig: undefined,
  context: undefined,
  output: 'text',
  certificates: false,
  watch: true,
  forever: false,
  patience: 300_000,
  timeout: Infinity,
};

/** What is no terminal. */
export function pipe(write: (text: string) => void): Output {
  return {
    write,
    warn: write,
    redraws: false,
    colour: false,
    blocks: false,
    columns: () => Infinity,
    rows: () => 24,
    onResize: () => () => {},
  };
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Command {
  readonly ended: Promise<Ended>;
  readonly out: () => string;
  kill(signal: NodeJS.Signals): void;
  stopReading(): void;
}

export interface Watching {
  readonly ended: Promise<number | undefined>;
  readonly out: () => string;
  readonly stop: AbortController;
}

/** A rig with the command on top, and objects that say what they are told to. */
export interface StatusRig extends Rig {
  /** A folder for files of the test. */
  readonly folder: string;
  /** `aks-ca-trust status` as a process, in a pipe. */
  start(...words: string[]): Command;
  startWith(stdout: 'pipe' | number, ...words: string[]): Command;
  run(...words: string[]): Promise<Ended>;
  /** As `run`, of another command than `status`. */
  runCommand(command: string, ...words: string[]): Promise<Ended>;
  inNamespace(): string[];
  /** An object that nobody works on, with what somebody said of it. */
  makeTrust(name: string, ready: Partial<Condition>, others?: readonly Partial<Condition>[]): Promise<void>;
  say(name: string, ready: Partial<Condition>, others?: readonly Partial<Condition>[]): Promise<void>;
  makeRecord(name?: string, resourceId?: string): Promise<void>;
  sayOfRecord(status: TargetClusterStatus): Promise<void>;
  /** A watch in this process, where its connection and its terminal can be had. */
  watchHere(
    connection: Connection,
    what: string | ResolvedScope,
    request?: Partial<StatusRequest>,
    terminal?: Partial<Output>,
    clock?: Clock,
  ): Watching;
  /** Of a service account with the role for viewers, everywhere. */
  viewerToken(): Promise<string>;
  /** Gives the role for viewers to a service account. */
  bind(kind: 'clusterrolebindings' | 'rolebindings', name: string): Promise<void>;
}

export async function startStatusRig(): Promise<StatusRig> {
  const rig = await startRig();
  const folder = mkdtempSync(join(tmpdir(), 'aks-ca-trust-status-'));
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, rig.plane.config.kubeconfigYaml);
  await rig.admin.request({ method: 'POST', path: `${RBAC}/clusterroles`, body: ROLE });

  const startWith = (stdout: 'pipe' | number, ...words: string[]) => startCommand(stdout, 'status', ...words);

  function startCommand(stdout: 'pipe' | number, command: string, ...words: string[]): Command {
    const child = spawn(process.execPath, [MAIN, command, '--kubeconfig', kubeconfig, ...words], {
      env: {},
      stdio: ['ignore', stdout, 'pipe'],
    });
    let [out, err] = ['', ''];
    child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, out, err })));
    return {
      ended,
      out: () => out,
      kill: (signal) => child.kill(signal),
      stopReading: () => child.stdout?.destroy(),
    };
  }

  async function makeTrust(
    name: string,
    ready: Partial<Condition>,
    others: readonly Partial<Condition>[] = [],
  ): Promise<void> {
    await rig.apply(name, ID, {});
    await say(name, ready, others);
  }

  async function say(
    name: string,
    ready: Partial<Condition>,
    others: readonly Partial<Condition>[] = [],
  ): Promise<void> {
    const conditions = [{ type: 'Ready', ...ready }, ...others].map((one) => ({
      message: '',
      lastTransitionTime: '2026-11-22T11:00:00Z',
      observedGeneration: 1,
      ...one,
    })) as Condition[];
    const status: CustomCATrustStatus = { observedGeneration: 1, conditions };
    await rig.admin.request({
      method: 'PATCH',
      path: `${customCATrustPath(rig.namespace, name)}/status`,
      contentType: 'application/merge-patch+json',
      body: { status },
    });
  }

  async function makeRecord(name = 'prod', resourceId = ID): Promise<void> {
    await rig.plantRecord(resourceId, { clusterName: name, state: 'Updating' });
  }

  async function sayOfRecord(status: TargetClusterStatus): Promise<void> {
    await rig.admin.request({
      method: 'PATCH',
      path: targetClusterPath(recordName(parseClusterId(ID)!)),
      contentType: 'application/merge-patch+json',
      body: { status },
    });
  }

  function watchHere(
    connection: Connection,
    what: string | ResolvedScope,
    request: Partial<StatusRequest> = {},
    terminal: Partial<Output> = {},
    clock: Clock = systemClock,
  ): Watching {
    let out = '';
    const stop = new AbortController();
    const output: Output = { ...pipe((text) => (out += text)), ...terminal };
    const object = (name: string): ResolvedScope => ({ kind: 'Object', namespace: rig.namespace, name });
    const scope = typeof what === 'string' ? object(what) : what;
    // A watch then lasts for as long as ever it may.
    const tools = { connection, scope, output, clock, random: () => 1, signal: stop.signal };
    return { ended: watchStatus({ ...tools, request: { ...REQUEST, ...request } }), out: () => out, stop };
  }

  async function viewerToken(): Promise<string> {
    const name = await makeServiceAccount(rig.admin, rig.namespace);
    await bind('clusterrolebindings', name);
    return tokenOf(rig.admin, rig.namespace, name);
  }

  async function bind(kind: 'clusterrolebindings' | 'rolebindings', name: string): Promise<void> {
    await rig.admin.request({
      method: 'POST',
      path: kind === 'clusterrolebindings' ? `${RBAC}/${kind}` : `${RBAC}/namespaces/${rig.namespace}/${kind}`,
      body: {
        metadata: { name },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'aks-ca-trust-viewer' },
        subjects: [{ kind: 'ServiceAccount', name, namespace: rig.namespace }],
      },
    });
  }

  return {
    ...rig,
    folder,
    start: (...words) => startWith('pipe', ...words),
    startWith,
    run: (...words) => startWith('pipe', ...words).ended,
    runCommand: (command, ...words) => startCommand('pipe', command, ...words).ended,
    inNamespace: () => ['-n', rig.namespace],
    makeTrust,
    say,
    makeRecord,
    sayOfRecord,
    watchHere,
    viewerToken,
    bind,
    async stop() {
      await rig.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
