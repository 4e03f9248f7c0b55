import type { CustomCATrust, CustomCATrustStatus } from '../../src/api/generated/customcatrusts.ts';
import type { Change } from './api-server.ts';
import type { Counted } from './world.ts';

/** One version of an object, and when it came. */
export interface Moment {
  readonly at: number;
  readonly generation: number;
  readonly deleting: boolean;
  readonly gone: boolean;
  readonly status: CustomCATrustStatus | undefined;
}

interface Cost {
  readonly at: number;
  readonly about: string;
  readonly text: string;
}

/** States in which an object can stay for ever without a fault. */
const RESTS = new Set(['Trusted', 'NothingWanted']);

/** Everything that was said, and what it cost. */
export class Timeline {
  readonly objects = new Map<string, Moment[]>();
  readonly costs = new Map<Counted, Cost[]>();

  note({ kind, type, object }: Change, at: number): void {
    if (kind !== 'customcatrusts') return;
    const { metadata, status } = object as unknown as CustomCATrust;
    const name = `${metadata.namespace}/${metadata.name}`;
    const moments = this.objects.get(name) ?? [];
    this.objects.set(name, moments);
    moments.push({
      at,
      generation: metadata.generation ?? 1,
      deleting: metadata.deletionTimestamp !== undefined,
      gone: type === 'DELETED',
      status,
    });
  }

  count(what: Counted, cost: Cost): void {
    const costs = this.costs.get(what) ?? [];
    this.costs.set(what, costs);
    costs.push(cost);
  }

  /** Times at which this was asked of a cluster, or of an object, or of any. */
  times(what: Counted, about: string | undefined, from: number, to: number): number[] {
    return (this.costs.get(what) ?? [])
      .filter((one) => (about === undefined || one.about === about) && one.at >= from && one.at < to)
      .map(({ at }) => at);
  }

  /** What an object was at some time. */
  at(name: string, time: number): Moment | undefined {
    return this.objects.get(name)?.findLast(({ at }) => at <= time);
  }

  /** When an object came to rest after something was done to it, in ms from then; undefined where it did not before `limit`. */
  restAfter(name: string, from: number, limit: number): number | undefined {
    const present = this.at(name, from);
    const asked = present?.generation ?? 0;
    // An edit that changes nothing is no edit.
    if (present && !present.gone && isAtRest(present, asked)) return 0;
    const found = this.objects
      .get(name)
      ?.find(({ at, ...moment }) => at >= from && at <= limit && (moment.gone || isAtRest(moment, asked)));
    return found && found.at - from;
  }
}

function isAtRest({ generation, status, deleting }: Omit<Moment, 'at'>, asked: number): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return (
    !deleting &&
    generation >= asked &&
    status?.observedGeneration === generation &&
    ready?.status === 'True' &&
    RESTS.has(ready.reason)
  );
}
