import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import type { Change, Stored } from './api-server.ts';
import { readPem } from '../rules/certificates.ts';
import type { Window } from './windows.ts';

/** What one version of an object asked for. */
export interface Version {
  readonly version: number;
  readonly generation: number;
  readonly named: ReadonlySet<string>;
  /** Suspended, or held by a bad certificate. */
  readonly frozen: boolean;
  readonly bad: boolean;
  /** No certificate is left, and nothing says that this is meant: what it has in the cluster stays. */
  readonly emptied: boolean;
  readonly deletion: 'Retain' | 'Remove' | undefined;
  readonly removesUnmanaged: boolean;
  readonly window: Window | undefined;
  /** From here on there is no such object. */
  readonly gone: boolean;
}

/** One object through its life. */
export interface Life {
  readonly uid: string;
  /** namespace/name. */
  readonly name: string;
  /** Key of its cluster. */
  readonly cluster: string;
  readonly versions: Version[];
  /** Certificates that its status called trusted while it named them: its share of the list, until it lets go of them. */
  readonly share: Set<string>;
  /** Everything that ever was in it. */
  readonly everShared: Set<string>;
  /** The share that it had when it went. */
  finalShare: ReadonlySet<string>;
  /** True when somebody took it away without its finaliser. */
  vanished: boolean;
}

const FROZEN = new Set(['NodesUnreadable', 'Held', 'WaitingForWindow', 'InvalidWindow']);

/** Every object as it really was, kept from the API server's own history and read without the help of src. */
export class Ledger {
  readonly lives = new Map<string, Life>();
  /** By cluster: certificates that the memory of the controller may have lost, or that others had their hands in. */
  readonly #disturbed = new Map<string, Set<string> | 'all'>();

  note({ kind, type, object, version }: Change): void {
    if (kind !== 'customcatrusts') return;
    const life = this.#lifeOf(object);
    const read = readVersion(object, version, type === 'DELETED');
    const before = life.versions.at(-1);
    if (before && !differs(before, read)) return;
    life.versions.push(read);
    if (read.gone) life.finalShare = new Set(life.share);
    if (read.gone || read.deletion === 'Retain') life.share.clear();
    else if (!read.frozen && !read.emptied && !read.deletion)
      for (const one of life.share) if (!read.named.has(one)) life.share.delete(one);
  }

  /** A status said so of certificates, at a generation. */
  noteTrusted(object: Stored): void {
    const { status } = object as unknown as CustomCATrust;
    const life = this.#lifeOf(object);
    if (this.isDisturbed(life.cluster)) return;
    // While the cluster cannot be read, rows say what they said of an earlier version of the object.
    if (status?.conditions?.some(({ type, status }) => type === 'WithinCertificateLimit' && status === 'Unknown'))
      return;
    // While its nodes cannot be read, its window is closed, or it cannot get the finaliser, its share stays as it is: it takes no part in what others had in
    // the list before it.
    if (status?.conditions?.some(({ type, reason }) => type === 'Applied' && FROZEN.has(reason))) return;
    const seen = life.versions.findLast(({ generation }) => generation === status?.observedGeneration);
    const latest = life.versions.at(-1);
    if (!seen || seen.frozen || seen.deletion || !latest || latest.deletion === 'Retain' || latest.gone) return;
    const later = life.versions.slice(life.versions.indexOf(seen));
    // Once Retain was said, whoever came by may have let go of it, whatever is said afterwards.
    if (later.some(({ deletion }) => deletion === 'Retain')) return;
    for (const { state, fingerprintSHA256: one } of status?.certificates ?? []) {
      if (state !== 'Trusted' || one === undefined || !seen.named.has(one)) continue;
      if (!later.every(({ frozen, emptied, deletion, named }) => frozen || emptied || deletion || named.has(one)))
        continue;
      life.share.add(one);
      life.everShared.add(one);
    }
  }

  /** Every life of an object of this name, whatever cluster it was for. */
  named(name: string): readonly Life[] {
    return [...this.lives.values()].filter((life) => life.name === name);
  }

  of(cluster: string): readonly Life[] {
    return [...this.lives.values()].filter((life) => life.cluster === cluster);
  }

  /** What each object of a cluster asked for at a version of the API server; those that there were. */
  at(cluster: string, version: number): readonly { life: Life; asked: Version }[] {
    return this.of(cluster).flatMap((life) => {
      const asked = life.versions.findLast((one) => one.version <= version);
      return asked && !asked.gone ? [{ life, asked }] : [];
    });
  }

  /** Versions at which anything about the cluster's objects changed, `from` and `to` included. */
  versionsBetween(cluster: string, from: number, to: number): readonly number[] {
    const changes = this.of(cluster).flatMap(({ versions }) => versions.map(({ version }) => version));
    return [from, ...changes.filter((version) => version > from && version <= to)];
  }

  /** The memory of this cluster is lost: it was made anew, or its record taken away. */
  forget(cluster: string): void {
    this.#disturbed.set(cluster, 'all');
    for (const life of this.of(cluster)) life.share.clear();
  }

  isDisturbed(cluster: string): boolean {
    return this.#disturbed.has(cluster);
  }

  #lifeOf(object: Stored): Life {
    const uid = object.metadata.uid ?? '';
    const known = this.lives.get(uid);
    if (known) return known;
    const { namespace, name } = object.metadata;
    const { target } = (object as unknown as CustomCATrust).spec;
    const cluster = target.resourceId.toLowerCase();
    const life: Life = {
      uid,
      name: `${namespace}/${name}`,
      cluster,
      versions: [],
      share: new Set(),
      everShared: new Set(),
      finalShare: new Set(),
      vanished: false,
    };
    this.lives.set(uid, life);
    return life;
  }
}

function readVersion(object: Stored, version: number, gone: boolean): Version {
  const { metadata, spec } = object as unknown as CustomCATrust;
  const readings = (spec.certificates ?? []).map(({ pem }) => readPem(pem));
  const bad = readings.some((one) => one.bad);
  const suspended = spec.suspend === true;
  const named = new Set(readings.flatMap(({ fingerprints }) => fingerprints));
  const frozen = suspended || (bad && spec.invalidCertificates !== 'Skip');
  return {
    version,
    generation: metadata.generation ?? 1,
    named,
    frozen,
    bad,
    emptied: !frozen && named.size === 0 && spec.allowEmpty !== true,
    deletion:
      metadata.deletionTimestamp === undefined ? undefined : suspended ? 'Retain' : (spec.deletionPolicy ?? 'Retain'),
    removesUnmanaged: spec.unmanagedCertificates === 'Remove',
    window: spec.window,
    gone,
  };
}

function differs(a: Version, b: Version): boolean {
  return a.generation !== b.generation || a.gone !== b.gone || a.deletion !== b.deletion;
}
