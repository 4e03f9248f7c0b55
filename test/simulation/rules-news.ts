import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import type { Change, Stored } from './api-server.ts';
import { RECONCILE_REQUESTED_AT } from './names.ts';
import type { Process } from './process.ts';
import { violate, type World } from './world.ts';

/** An edit that reached a working controller is looked at within this time, whatever it is doing; ms. */
const PROMPT = 240_000;

const seen = new WeakMap<Process, Map<string, string>>();

/** A pass begins. */
export function notePass(world: World, process: Process, cluster: string): void {
  const [view = 0, rotations = 0] = (['customcatrusts', 'certificaterotations'] as const).map((kind) =>
    process.views.get(kind),
  );
  process.passes.set(cluster, { at: world.scheduler.now, view, rotations });
}

/** A list brought something to a process: no news, whatever comes of it is looked at anyway. */
export function noteListed(process: Process, object: Stored): void {
  if (object.kind === 'CustomCATrust') isNews(process, object, false);
}

/** A watch brought something to a process. */
export function noteNews(world: World, process: Process, { kind, object, type }: Change): void {
  if (kind !== 'customcatrusts' || !isNews(process, object, type === 'DELETED')) return;
  const { metadata, spec } = object as unknown as CustomCATrust;
  const cluster = spec.target.resourceId.toLowerCase();
  // Before its first pass it may not be working yet: waiting for the lease, or for its caches.
  const begun = process.passes.get(cluster)?.at;
  if (begun === undefined || type === 'DELETED') return;
  const { now } = world.scheduler;
  world.scheduler.after(PROMPT, () => {
    if (!process.alive || process.paused || process.pausedAt > now) return;
    const holder = world.api.get('leases', 'system/aks-ca-trust')?.spec?.['holderIdentity'] ?? process.name;
    const gone = world.ledger.lives.get(metadata.uid ?? '')?.versions.at(-1)?.gone;
    if (gone || holder !== process.name || (process.passes.get(cluster)?.at ?? 0) >= now) return;
    violate(world, `an edit of ${metadata.name} reached ${process.name} and was not looked at for ${PROMPT / 1000} s`);
  });
}

/** What it writes itself, status and finaliser, is no news. */
function isNews(process: Process, { metadata }: Stored, deleted: boolean): boolean {
  const known = seen.get(process) ?? new Map<string, string>();
  seen.set(process, known);
  const asks = `${deleted} ${metadata.generation} ${metadata.annotations?.[RECONCILE_REQUESTED_AT]}`;
  if (known.get(metadata.uid ?? '') === asks) return false;
  known.set(metadata.uid ?? '', asks);
  return true;
}
