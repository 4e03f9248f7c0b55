import { randomUUID } from 'node:crypto';
import { Agent, request } from 'undici';
import type { TargetAccess } from '../../simulator/index.ts';
import { startControlPlane } from '../control-plane/start.ts';
import { eventually } from '../eventually.ts';
import type { EventObject, NodeObject } from './target.ts';

/** An API server with the real kube-controller-manager and kube-scheduler; kubelets are the simulator's to play. */
export interface WorkloadTarget {
  readonly access: TargetAccess;
  send<T>(method: string, path: string, body?: unknown, type?: string): Promise<T>;
  list<T>(path: string): Promise<T[]>;
  /** The upgrader's events about nodes whose names contain a text, in order. */
  events(about: string): Promise<EventObject[]>;
  /** A Deployment in the namespace `default` whose pods run on the nodes with these labels. Resolves when all of them are ready. */
  deploy(replicas: number, nodeSelector: Record<string, string>): Promise<Deployment>;
  stop(): Promise<void>;
}

/** A Deployment, and the budget of its pods. */
export interface Deployment {
  readonly name: string;
  /** Makes or changes the PodDisruptionBudget of the same name. Resolves when the disruption controller has seen it. */
  allow(maxUnavailable: number): Promise<void>;
  pods(): Promise<PodObject[]>;
  /** Deletes Deployment, pods and budget. */
  remove(): Promise<void>;
}

export interface PodObject {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly phase: string; readonly conditions?: { type: string; status: string }[] };
}

/** How long the programs may take to be built, once, in milliseconds. */
export const START_LIMIT = 900_000;

const BUDGETS = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
const APPLY = 'application/apply-patch+yaml';

export async function startWorkloadTarget(): Promise<WorkloadTarget> {
  const plane = await startControlPlane('target', (line) => process.stderr.write(`${line}\n`), { workloads: true });
  const { server, caPem, certPem, keyPem } = plane.config;
  const access = { server, caPem, certPem, keyPem };
  const agent = new Agent({ connect: { ca: caPem, cert: certPem, key: keyPem } });

  async function send<T>(method: string, path: string, body?: unknown, type = 'application/json'): Promise<T> {
    const response = await request(`${server}${path}`, {
      method: method as 'GET',
      dispatcher: agent,
      headers: { 'content-type': type },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.body.text();
    if (response.statusCode >= 300) throw new Error(`${method} ${path}: ${response.statusCode} ${text}`);
    return JSON.parse(text) as T;
  }

  const list = async <T>(path: string) => (await send<{ items: T[] }>('GET', path)).items;

  return {
    access,
    send,
    list,
    async events(about) {
      const all = await list<EventObject & { metadata: { creationTimestamp: string } }>(
        '/api/v1/namespaces/default/events?fieldSelector=source%3Dupgrader',
      );
      return all
        .filter(({ involvedObject }) => involvedObject.name.includes(about))
        .sort((a, b) => a.metadata.creationTimestamp.localeCompare(b.metadata.creationTimestamp));
    },
    async deploy(replicas, nodeSelector) {
      const deployment = makeDeployment({ send, list }, replicas, nodeSelector);
      return deployment;
    },
    async stop() {
      await agent.close();
      await plane.stop();
    },
  };
}

async function makeDeployment(
  { send, list }: Pick<WorkloadTarget, 'send' | 'list'>,
  replicas: number,
  nodeSelector: Record<string, string>,
): Promise<Deployment> {
  const name = `web-${randomUUID().slice(0, 8)}`;
  const labels = { app: name };
  await send('POST', '/apis/apps/v1/namespaces/default/deployments', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { nodeSelector, containers: [{ name: 'web', image: 'registry.example.com/web' }] },
      },
    },
  });
  const pods = () => list<PodObject>(`/api/v1/namespaces/default/pods?labelSelector=app%3D${name}`);
  const isReady = ({ status }: PodObject) => status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True');
  await eventually(async () => ((await pods()).filter(isReady).length === replicas ? true : undefined));
  return {
    name,
    pods,
    async allow(maxUnavailable) {
      const { metadata } = await send<{ metadata: { generation: number } }>(
        'PATCH',
        `${BUDGETS}/${name}?fieldManager=test&force=true`,
        {
          apiVersion: 'policy/v1',
          kind: 'PodDisruptionBudget',
          metadata: { name },
          spec: { maxUnavailable, selector: { matchLabels: labels } },
        },
        APPLY,
      );
      await eventually(async () => {
        const { status } = await send<Budget>('GET', `${BUDGETS}/${name}`);
        return status?.observedGeneration === metadata.generation && status.currentHealthy === replicas
          ? true
          : undefined;
      });
    },
    async remove() {
      await send('DELETE', `/apis/apps/v1/namespaces/default/deployments/${name}?propagationPolicy=Background`);
      await send('DELETE', `${BUDGETS}/${name}`).catch(() => {}); // not every test has made one
      await eventually(async () => ((await pods()).length === 0 ? true : undefined));
    },
  };
}

interface Budget {
  readonly status?: { readonly observedGeneration: number; readonly currentHealthy: number };
}

/** A Node object, for tests that count them. */
export function isReady(node: NodeObject): boolean {
  return node.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}
