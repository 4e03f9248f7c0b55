import type { Version } from './ledger.ts';
import { isOpenBetween } from './windows.ts';
import type { World } from './world.ts';

/** What a pass can have seen of the objects: from when it began to when it wrote. */
export interface Views {
  readonly cluster: string;
  readonly from: number;
  readonly to: number;
}

const isActive = ({ frozen, emptied, deletion }: Version) => !frozen && !emptied && !deletion;

/** True when somebody who may want something wants it. */
export function reasonToAdd(world: World, views: Views, fingerprint: string): boolean {
  return someView(world, views, (version) =>
    world.ledger.at(views.cluster, version).some(({ asked }) => isActive(asked) && asked.named.has(fingerprint)),
  );
}

/** A span of time, in ms. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** True when a change of this certificate began in the window of an object that wants it, or wants it no more. */
export function isInTime(world: World, views: Views, fingerprint: string, { from, to }: Span): boolean {
  const isOpen = ({ window }: Version) => isOpenBetween(window, from, to);
  return someView(world, views, (version) =>
    world.ledger.at(views.cluster, version).some(({ asked, life }) => {
      const hadIt = life.versions.some((one) => one.version <= version && one.named.has(fingerprint));
      return isOpen(asked) && (hadIt || life.everShared.has(fingerprint) || asked.removesUnmanaged);
    }),
  );
}

/** Why a certificate must not leave; undefined when it may. Says nothing where nobody could tell. */
export function objectionTo(world: World, views: Views, fingerprint: string): string | undefined {
  const { ledger } = world;
  const lives = ledger.of(views.cluster);
  let objection: string | undefined;
  const free = someView(world, views, (version) => {
    objection = undefined;
    const present = ledger.at(views.cluster, version);
    const naming = present.find(({ asked }) => isActive(asked) && asked.named.has(fingerprint));
    if (naming) objection = `${naming.life.name} names it`;
    const holding = present.find(
      ({ asked, life }) => (asked.frozen || asked.emptied) && !asked.deletion && life.share.has(fingerprint),
    );
    if (holding)
      objection ??= `it is the share of ${holding.life.name}, which ${holding.asked.frozen ? 'is frozen' : 'has no certificate left'}`;
    const staying = present.filter(({ asked }) => !asked.deletion);
    const unmanaged =
      staying.length > 0 &&
      staying.every(
        ({ asked, life }) =>
          asked.removesUnmanaged && !asked.frozen && !asked.bad && !(asked.emptied && life.share.size > 0),
      );
    if (unmanaged) return objection === undefined;
    const letGo = lives.some(({ versions, vanished }) => {
      const seen = versions.filter((one) => one.version <= version);
      const named = seen.findIndex((one) => one.named.has(fingerprint));
      // Taken away by force, made again by the same name: that is an edit, too.
      if (named >= 0 && vanished) return true;
      return named >= 0 && seen.slice(named).some((one) => isEdit(one, fingerprint) || one.deletion === 'Remove');
    });
    if (!letGo) objection ??= 'nobody who named it took it out';
    return objection === undefined;
  });
  return free ? undefined : objection;
}

function isEdit(version: Version, fingerprint: string): boolean {
  return isActive(version) && !version.gone && !version.named.has(fingerprint);
}

function someView({ ledger }: World, { cluster, from, to }: Views, holds: (version: number) => boolean): boolean {
  return ledger.versionsBetween(cluster, from, to).some(holds);
}
