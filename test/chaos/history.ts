/** What the objects of a cluster ask for, after one thing that a user did. Fingerprints. */
export interface Asked {
  readonly deed: string;
  /** Somebody names these: they have to be in the list. */
  readonly wanted: ReadonlySet<string>;
  /** An object that ever named these was deleted with Retain: nobody wants them, and they may be there all the same. */
  readonly mayStay: ReadonlySet<string>;
}

interface Life {
  named: readonly string[];
  readonly everNamed: Set<string>;
  deletion: 'Retain' | 'Remove' | undefined;
  /** Place of its deletion among everything that was done. */
  goneAt?: number;
}

/** One cluster's objects, as one user changed them, in the order in which the API server took it. */
export class History {
  readonly #lives = new Map<string, Life>();
  readonly #asked: Asked[] = [{ deed: 'nothing', wanted: new Set(), mayStay: new Set() }];
  readonly #mayStay = new Set<string>();

  /** From the beginning, in order. */
  get asked(): readonly Asked[] {
    return this.#asked;
  }

  get latest(): Asked {
    return this.#asked.at(-1)!;
  }

  /** Objects that are there and are not being deleted. */
  get present(): readonly string[] {
    return [...this.#lives].filter(([, { deletion }]) => deletion === undefined).map(([name]) => name);
  }

  /** Objects that wait for their certificates to leave, or did. */
  get removing(): readonly string[] {
    return [...this.#lives].filter(([, { deletion }]) => deletion === 'Remove').map(([name]) => name);
  }

  /** What an object asked for when it went, and nobody else did then or has done since. */
  lastNamedBy(name: string): readonly string[] {
    const gone = this.#lives.get(name);
    if (gone?.goneAt === undefined) return [];
    const since = this.#asked.slice(gone.goneAt);
    return gone.named.filter((one) => since.every(({ wanted }) => !wanted.has(one)));
  }

  deletionOf(name: string): 'Retain' | 'Remove' | undefined {
    return this.#lives.get(name)?.deletion;
  }

  names(name: string, fingerprints: readonly string[]): void {
    const life: Life = this.#lives.get(name) ?? { named: [], everNamed: new Set(), deletion: undefined };
    this.#lives.set(name, life);
    life.named = fingerprints;
    for (const one of fingerprints) life.everNamed.add(one);
    this.#note(`${name} asks for ${fingerprints.length}`);
  }

  goes(name: string, policy: 'Retain' | 'Remove'): void {
    const life = this.#lives.get(name);
    if (!life) throw new Error(`there is no ${name}`);
    life.deletion = policy;
    if (policy === 'Retain') for (const one of life.everNamed) this.#mayStay.add(one);
    life.goneAt ??= this.#asked.length;
    this.#note(`${name} goes with ${policy}`);
  }

  #note(deed: string): void {
    const staying = [...this.#lives.values()].filter(({ deletion }) => deletion === undefined);
    const wanted = new Set(staying.flatMap(({ named }) => named));
    this.#asked.push({ deed, wanted, mayStay: new Set(this.#mayStay) });
  }
}
