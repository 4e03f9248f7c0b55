import { kubeconfig } from '../../simulator/arm/kubeconfig.ts';
import { makeServingCertificate } from '../../simulator/http/certificates.ts';
import type { CustomCATrustSpec } from '../../src/api/generated/customcatrusts.ts';
import { createTargetAccess } from '../../src/cluster/node-access/access.ts';
import { createNodeReader } from '../../src/cluster/node-access/node-reader.ts';
import { createVerifier } from '../../src/cluster/verify/pods/runner.ts';
import { DEFAULT_TIMING } from '../../src/cluster/model/timing.ts';
import { DEFAULT_RULES, type SecretKey } from '../../src/cluster/model/way.ts';
import { OBJECT_LABEL } from '../../src/cluster/verify/types.ts';
import type { Credentials } from '../../src/kubernetes/auth/types.ts';
import { KubernetesError, type Connection } from '../../src/kubernetes/client/connection.ts';
import { at, MINUTE, pool, SECOND, START } from './build.ts';
import { memoryRig, type MemoryRig } from './memory-rig.ts';

const pems = await makeServingCertificate([], Date.now());

export type NodeAccess = NonNullable<CustomCATrustSpec['target']['nodeAccess']>;
export const SECRET: NodeAccess = { kubeconfigSecretRef: { name: 'nodes' } };

/** What an API server of a target does. Each has credentials of its own, so that its name says which were used. */
export interface TargetServer {
  /** `Truth`: the cluster's nodes. `New`: nodes that are always born a moment ago. `Old`: nodes that are never replaced. */
  shows: 'Truth' | 'New' | 'Old' | 'Nothing' | 'Dead' | 'Hanging';
  readonly pods: Map<string, Pod>;
  /** True: pods that were made stay as they are, for ever. */
  readonly podsHang?: true;
}

interface Pod {
  readonly metadata: { readonly name: string; readonly labels: Record<string, string> };
  readonly spec: { readonly imagePullSecrets?: readonly { readonly name: string }[] };
}

/** A request, by its credentials: `controller` are the controller's own, at the management cluster. */
export interface Sent {
  readonly by: string;
  readonly method: string;
  readonly path: string;
  /** For a pod that is created: the uid of the object that it verifies. */
  readonly object?: string;
}

export interface WaysRig extends MemoryRig {
  /** By host: `team-a`, `azure`, … */
  readonly servers: Map<string, TargetServer>;
  /** Kubeconfigs in Secrets, by namespace/name: the host that each names. */
  readonly secrets: Map<string, string>;
  readonly sent: Sent[];
  /** Messages for the operator. */
  readonly troubles: string[];
  /** When the nodes of the cluster were last replaced, in ms. */
  bornAt: number;
  /** Names of the nodes, of every server. */
  names: readonly string[];
  operatorSecret: SecretKey | undefined;
  ownCluster: boolean;
  /** AKS replaces the nodes, and time goes on. */
  replaceNodes(): void;
  /** Passes with half a minute between them. */
  passes(count: number): Promise<void>;
}

/** Whole passes with the real access, reader and verifier, over API servers that note who asks them. */
export function waysRig(): WaysRig {
  const servers = new Map<string, TargetServer>();
  const secrets = new Map<string, string>();
  const sent: Sent[] = [];
  const troubles: string[] = [];
  const timers = new Set<{ readonly due: number; readonly fn: () => void }>();
  const clock = {
    now: () => rig.now,
    setTimeout(fn: () => void, ms: number) {
      const timer = { due: rig.now + ms, fn };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
  };

  /** While a server hangs, time goes on until a deadline is over. */
  async function hang(signal: AbortSignal | undefined): Promise<never> {
    while (!signal?.aborted) {
      rig.now += SECOND;
      for (const timer of [...timers].filter(({ due }) => due <= rig.now)) {
        timers.delete(timer);
        timer.fn();
      }
      await Promise.resolve();
    }
    throw signal.reason as Error;
  }

  function connectionTo(host: string): Connection {
    const server: TargetServer = servers.get(host) ?? { shows: 'Truth', pods: new Map() };
    servers.set(host, server);
    return {
      server: `https://${host}.example`,
      async request({ method = 'GET', path, body, signal }) {
        const pod = method === 'POST' ? (body as Pod) : undefined;
        const object = pod?.metadata.labels[OBJECT_LABEL];
        sent.push({ by: host, method, path, ...(object === undefined ? {} : { object }) });
        if (server.shows === 'Dead') throw new KubernetesError(0, 'ECONNREFUSED', `connect ECONNREFUSED ${host}`);
        if (server.shows === 'Hanging') return hang(signal);
        if (path === '/api/v1/nodes') return nodesBy(server.shows);
        if (!path.endsWith('/pods')) {
          server.pods.delete(path.slice(path.lastIndexOf('/') + 1));
          return { metadata: { resourceVersion: '1' }, items: [] };
        }
        if (!pod) return { metadata: { resourceVersion: '1' }, items: [...server.pods.values()] };
        const made = server.podsHang ? waiting(pod) : pulled(pod);
        server.pods.set(pod.metadata.name, made);
        return made;
      },
      stream: () => Promise.reject(new KubernetesError(403, 'Forbidden', 'no watches')),
      close: async () => {},
      get lastResponseDate() {
        return rig.now;
      },
    };
  }

  function nodesBy(shows: TargetServer['shows']) {
    const born = { Truth: rig.bornAt, New: rig.now - SECOND, Old: START - 60 * MINUTE }[shows as 'Truth'] ?? 0;
    const names = shows === 'Nothing' ? [] : rig.names;
    const rows = names.map((name) => ({
      cells: ['Ready'],
      object: {
        metadata: {
          name,
          uid: shows === 'New' ? `${name}-new` : `${name}-${born}`,
          creationTimestamp: at(born),
          labels: { 'kubernetes.azure.com/agentpool': 'system' },
        },
      },
    }));
    return { metadata: { resourceVersion: '1' }, columnDefinitions: [{ name: 'Status' }], rows };
  }

  function pulled(pod: Pod) {
    const terminated = { exitCode: 128, reason: 'StartError', message: 'no such file or directory' };
    const status = { phase: 'Failed', containerStatuses: [{ name: 'verify', state: { terminated } }] };
    return { ...made(pod), status };
  }

  function waiting(pod: Pod) {
    const state = { waiting: { reason: 'ContainerCreating' } };
    return { ...made(pod), status: { phase: 'Pending', containerStatuses: [{ name: 'verify', state }] } };
  }

  function made(pod: Pod) {
    return {
      ...pod,
      metadata: { ...pod.metadata, uid: `pod-${pod.metadata.name}`, creationTimestamp: at(rig.now) },
    };
  }

  function configOf(host: string): string {
    return kubeconfig({
      ...{ cluster: 'c', userName: 'u', server: `https://${host}.example`, caPem: pems.caPem },
      user: `    token: token-of-${host}\n`,
    });
  }

  const own = connectionTo('controller');
  const management: Connection = {
    server: own.server,
    stream: (request) => own.stream(request),
    close: async () => {},
    async request(request) {
      const [, namespace, name] = /namespaces\/([^/]+)\/secrets\/([^/]+)$/.exec(request.path) ?? [];
      if (namespace === undefined) return own.request(request);
      sent.push({ by: 'controller', method: 'GET', path: request.path });
      const host = secrets.get(`${namespace}/${name}`);
      if (host === undefined) throw new KubernetesError(404, 'NotFound', `secrets "${name}" not found`);
      return { data: { value: Buffer.from(configOf(host)).toString('base64') } };
    },
    get lastResponseDate() {
      return rig.now;
    },
  };

  const rig: WaysRig = Object.assign(
    memoryRig({ pools: [pool({ count: 2 })] }, () => {
      const now = () => rig.now;
      const onOperatorTrouble = (_: unknown, message: string) => void troubles.push(message);
      const access = createTargetAccess({
        management,
        arm: { userKubeconfig: async () => ({ ok: true, value: configOf('azure') }) },
        apiServerToken: { current: () => Promise.resolve('entra'), distrust: () => {} },
        now,
        askAgainMs: DEFAULT_TIMING.kubeconfig,
        open: ({ server, token }: Credentials) => {
          const host = new URL(server).hostname.replace('.example', '');
          // No token goes to another server.
          if (token !== `token-of-${host}`) throw new Error(`the token of ${String(token)} went to ${host}`);
          return connectionTo(host);
        },
        onOperatorTrouble,
      });
      return {
        nodes: createNodeReader(access, clock, { onOperatorTrouble }),
        followUps: [createVerifier({ access, now, timing: DEFAULT_TIMING })],
        rules: () => ({
          ...DEFAULT_RULES,
          operatorSecretFor: () => rig.operatorSecret,
          isOwnCluster: () => rig.ownCluster,
        }),
      };
    }),
    {
      ...{ servers, secrets, sent, troubles, bornAt: START - 10 * MINUTE, ownCluster: true },
      names: ['aks-system-1-vmss000000', 'aks-system-1-vmss000001'],
      operatorSecret: undefined as SecretKey | undefined,
      replaceNodes() {
        rig.now += MINUTE;
        rig.bornAt = rig.now;
        rig.now += MINUTE;
      },
      async passes(count: number) {
        for (let pass = 0; pass < count; pass++, rig.now += 30 * SECOND) await rig.pass();
      },
    },
  );
  return rig;
}
