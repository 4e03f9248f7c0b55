import type { Connection, KubernetesRequest } from '../../src/kubernetes/client/connection.ts';
import { addressOf, serve } from './api-requests.ts';
import { Refusal, type Kind, type Stored } from './api-server.ts';
import type { Process } from './process.ts';
import { afterWrite, beforeRequest } from './rules-api.ts';
import { diesBefore, never, strike } from './strike.ts';
import { openStream } from './stream.ts';
import type { Counted, World } from './world.ts';

/** A process's way to the API server: requests take time, get lost on the way there or on the way back, or are refused. */
export function createConnection(world: World, process: Process): Connection {
  const { api, scheduler, random, subject } = world;
  const lost = (request: KubernetesRequest, why: string) =>
    new subject.KubernetesError(0, why, `${request.method ?? 'GET'} ${request.path}: ${why}`);

  function send(request: KubernetesRequest): Promise<unknown> {
    const { method = 'GET', path, signal } = request;
    const { kind, name, status } = addressOf(path);
    if (!process.alive || diesBefore(world, process, kind === 'leases')) return never();
    const text = request.body === undefined ? undefined : JSON.stringify(request.body);
    beforeRequest(world, process, request);
    if (method !== 'GET' && kind !== 'leases' && kind !== 'events')
      world.count(countedAs(kind, status), name ?? ownName(request) ?? '');
    const refusal = world.lasting?.refuses?.({ ...request, method });
    const weather = world.weather.api;
    const slow = random.chance(weather.slow);
    const there = slow ? random.between(500, 8000) : random.between(5, 40);
    const back = slow ? random.between(500, 8000) : random.between(5, 40);
    const fate = random.weighted([
      [1 - 2 * weather.lost - weather.refused, 'served'],
      [weather.lost, 'lost'],
      [weather.lost, 'unanswered'],
      [weather.refused, 'refused'],
    ] as const);
    return new Promise((resolve, reject) => {
      const abort = () => reject(signal?.reason as Error);
      if (signal?.aborted) return abort();
      signal?.addEventListener('abort', abort);
      const answer = (settle: () => void) =>
        scheduler.after(
          back,
          () => {
            signal?.removeEventListener('abort', abort);
            settle();
          },
          process,
        );
      scheduler.after(there, () => {
        if (api.down) return answer(() => reject(lost(request, 'ECONNREFUSED')));
        if (fate === 'lost') return answer(() => reject(lost(request, 'ECONNRESET')));
        if (fate === 'refused')
          return answer(() => reject(new subject.KubernetesError(500, 'InternalError', `${method} ${path}: 500`)));
        if (refusal) {
          const { status, reason, message } = refusal;
          return answer(() =>
            reject(new subject.KubernetesError(status, reason, `${method} ${path}: ${status} ${reason}: ${message}`)),
          );
        }
        try {
          const version = api.version;
          const body = text === undefined ? undefined : (JSON.parse(text) as Stored);
          const result = serve(api, request, body);
          if (method !== 'GET') {
            world.note(`${process.name} ${method} ${nameIn(path)}${said(result as Stored)}`);
            if (kind !== 'leases' && api.version !== version) world.changedAt = scheduler.now;
            afterWrite(world, process, request, result as Stored);
          }
          if (fate === 'unanswered') return answer(() => reject(lost(request, 'ECONNRESET')));
          answer(() => {
            process.lastResponseDate = Math.floor(scheduler.now / 1000) * 1000;
            process.noteAnswer(request, result);
            resolve(result);
          });
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          if (method !== 'GET') world.note(`${process.name} ${method} ${nameIn(path)}: ${error.reason}`);
          const { status, reason, message } = error;
          answer(() => reject(new subject.KubernetesError(status, reason, `${method} ${path}: ${message}`)));
        }
        return undefined;
      });
      strike(world, process, kind === 'leases');
    });
  }

  return {
    server: 'https://management.example',
    request: send,
    stream: (request) => openStream(world, process, request),
    close: () => Promise.resolve(),
    get lastResponseDate() {
      return process.lastResponseDate;
    },
  };
}

/** In a POST, the name is in the body. */
function ownName({ body }: KubernetesRequest): string | undefined {
  return (body as { metadata?: { name?: string } } | undefined)?.metadata?.name;
}

function countedAs(kind: Kind, status: boolean): Counted {
  return kind === 'targetclusters' ? 'RecordWrite' : status ? 'StatusWrite' : 'ObjectWrite';
}

/** A path without what all of them have. */
function nameIn(path: string): string {
  return path.replace(/^\/apis\/[^/]+\/[^/]+\//, '').replace('namespaces/', '');
}

/** What an object says of itself, for traces. */
function said({ status }: Stored): string {
  const { state, operation, conditions } = (status ?? {}) as {
    state?: string;
    operation?: { attempts: number };
    conditions?: { type: string; reason: string }[];
  };
  const ready = conditions?.find(({ type }) => type === 'Ready')?.reason;
  return `${ready === undefined ? '' : `: ${ready}`}${state === undefined ? '' : `: ${state}`}${operation ? `, attempt ${operation.attempts}` : ''}`;
}
