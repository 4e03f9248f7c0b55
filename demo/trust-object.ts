import { setTimeout as pause } from 'node:timers/promises';
import type { Subject } from './manifests.ts';
import type { Run } from './run.ts';
import { until } from './until.ts';
import type { UserProgram } from './user-program.ts';

/** The part of a CustomCATrust that people see. */
export interface TrustObject {
  readonly metadata: { readonly generation: number };
  readonly spec: { readonly certificates: readonly { readonly name: string; readonly pem: string }[] };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
      readonly message: string;
    }[];
    readonly nodePools?: readonly {
      readonly name: string;
      readonly nodes: number;
      readonly reimaged?: number;
      readonly phase: string;
    }[];
  };
}

export interface TrustWatch {
  get(): Promise<TrustObject | undefined>;
  /** Resolves when the controller says Ready of the object's present generation. Its progress is on the screen. */
  ready(): Promise<TrustObject>;
  /** Resolves when the controller says that the replacement of nodes is held up. Its progress is on the screen. */
  blockerMessage(): Promise<string>;
  /** Resolves when the controller has judged the object's present generation. */
  observed(): Promise<TrustObject>;
  /** Resolves when the object is gone. Its progress is on the screen. */
  gone(): Promise<void>;
}

/** A refused eviction is reported after a minute. */
const HOLD_UP_LIMIT_MS = 180_000;

export function watchTrust({ screen, signal }: Run, program: UserProgram, { namespace, name }: Subject): TrustWatch {
  let line = '';

  async function get(): Promise<TrustObject | undefined> {
    return (await program.getTrust(namespace, name)) as TrustObject | undefined;
  }

  async function getAndShow(): Promise<TrustObject | undefined> {
    const object = await get();
    const next = object === undefined || !isObserved(object) ? '' : progressOf(object);
    if (next !== '' && next !== line) {
      line = next;
      screen.say(`  ${next}`);
    }
    return object;
  }

  const waiting = { signal, lastSeen: () => line || 'nothing' };
  return {
    get,
    ready: () =>
      until(
        `CustomCATrust ${name} is Ready`,
        async () => {
          const object = await getAndShow();
          return object !== undefined && isObserved(object) && readyOf(object)?.status === 'True' ? object : undefined;
        },
        waiting,
      ),
    blockerMessage: () =>
      until(
        `CustomCATrust ${name} is held up`,
        async () => {
          const object = await getAndShow();
          const ready = object && isObserved(object) ? readyOf(object) : undefined;
          return ready?.reason === 'ReimageBlocked' ? ready.message : undefined;
        },
        { ...waiting, limitMs: HOLD_UP_LIMIT_MS },
      ),
    observed: () =>
      until(
        `the controller has seen CustomCATrust ${name} as it is now`,
        async () => {
          const object = await get();
          return object !== undefined && isObserved(object) ? object : undefined;
        },
        { signal },
      ),
    gone: () =>
      until(
        `CustomCATrust ${name} is gone`,
        async () => ((await getAndShow()) === undefined ? (true as const) : undefined),
        waiting,
      ).then(() => undefined),
  };
}

/** Waits; the signal ends it. */
export async function settle(seconds: number, signal: AbortSignal): Promise<void> {
  await pause(seconds * 1000, undefined, { signal }).catch(() => signal.throwIfAborted());
}

function isObserved({ metadata, status }: TrustObject): boolean {
  return status?.observedGeneration === metadata.generation;
}

function readyOf({ status }: TrustObject) {
  return status?.conditions?.find(({ type }) => type === 'Ready');
}

/** Such as `ReimageInProgress: system 2/3 reimaging · apps 0/4 waiting · win excluded`. */
function progressOf(object: TrustObject): string {
  const pools = (object.status?.nodePools ?? []).map(({ name, nodes, reimaged, phase }) =>
    phase === 'Excluded' ? `${name} excluded` : `${name} ${reimaged ?? 0}/${nodes} ${phase.toLowerCase()}`,
  );
  return [readyOf(object)?.reason ?? 'Unknown', pools.join(' · ')].filter(Boolean).join(': ');
}
