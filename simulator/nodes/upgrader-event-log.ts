import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import { ApiServerError } from './api-server-client.ts';
import type { ApiServerClient } from './api-server-client.ts';
import type { NodeEvent } from './node-registry.ts';

/** The events of the upgrader about the nodes of one cluster, as Event objects that API servers forget after an hour. */
export interface UpgraderEventLog {
  say(node: string, event: NodeEvent): Promise<string>;
  sayAgain(id: string): Promise<boolean>;
  loseAll(): Promise<void>;
}

const EVENTS = '/api/v1/namespaces/default/events';
/** Milliseconds of simulated time: `--event-ttl` of kube-apiserver is an hour. */
const LIFETIME_MS = 3_600_000;

interface SaidEvent {
  count: number;
  /** Simulated time at which it was last said. */
  at: number;
}

/** A log that deletes what is an hour old on the simulated clock, until `signal` is aborted. */
export function upgraderEventLog(client: ApiServerClient, clock: Clock, signal: AbortSignal): UpgraderEventLog {
  const said = new Map<string, SaidEvent>();
  let forgetting = false;

  async function lose(ids: readonly string[]): Promise<void> {
    for (const id of ids) said.delete(id);
    await Promise.all(ids.map((id) => ifPresent(client.delete(`${EVENTS}/${id}`))));
  }

  async function forget(): Promise<void> {
    while (said.size > 0) {
      const oldest = Math.min(...[...said.values()].map(({ at }) => at));
      await clock.sleep(oldest + LIFETIME_MS - clock.now(), signal);
      const old = [...said].filter(([, { at }]) => at + LIFETIME_MS <= clock.now());
      await lose(old.map(([id]) => id));
    }
  }

  function forgetInTime(): void {
    if (forgetting) return;
    forgetting = true;
    forget()
      .catch((error: unknown) => {
        if (!signal.aborted) throw error;
      })
      .finally(() => (forgetting = false));
  }

  return {
    async say(node, event) {
      const id = `${node}.${randomBytes(8).toString('hex')}`;
      await client.create(EVENTS, eventObject(id, node, event, new Date()));
      said.set(id, { count: 1, at: clock.now() });
      forgetInTime();
      return id;
    },
    async sayAgain(id) {
      const event = said.get(id);
      if (event === undefined) return false;
      event.count++;
      event.at = clock.now();
      const change = { count: event.count, lastTimestamp: seconds(new Date()) };
      return ifPresent(client.patch(`${EVENTS}/${id}`, change));
    },
    loseAll: () => lose([...said.keys()]),
  };
}

/** False when the object was not there. */
async function ifPresent(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (!(error instanceof ApiServerError) || error.status !== 404) throw error;
    return false;
  }
}

function seconds(now: Date): string {
  return `${now.toISOString().slice(0, 19)}Z`;
}

function eventObject(id: string, node: string, { type, reason, message }: NodeEvent, now: Date): object {
  const at = seconds(now);
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: id, namespace: 'default' },
    // As kubelets and AKS do, the name stands for the uid: events outlive the object they are about.
    involvedObject: { apiVersion: 'v1', kind: 'Node', name: node, uid: node },
    type,
    reason,
    message,
    source: { component: 'upgrader' },
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
  };
}
