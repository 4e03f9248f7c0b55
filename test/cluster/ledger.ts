import type { Intent } from '../../src/cluster/intent.ts';
import type { Observation } from '../../src/cluster/observation.ts';
import { fingerprintsOf } from '../../src/cluster/trust/listed.ts';
import { mayRemoveUnmanaged, rowsName } from './wants.ts';

/** Objects by name, as one look found them. */
type Present = ReadonlyMap<string, Intent>;

/**
 * Who named which certificate, and how the last of them went: by an edit or with Remove, which lets it leave, or otherwise.
 * Kept from what passes have seen, without a look at what the controller made of it.
 */
export class Ledger {
  /** Those who name a certificate, or named it last. */
  readonly #holders = new Map<string, ReadonlySet<string>>();
  /** Certificates that were in the list at the last look: what is not has no share to be frozen. */
  #listed: ReadonlySet<string> = new Set();

  /** A pass that wrote its record. */
  note({ intents, arm }: Observation): void {
    const present: Present = new Map(intents.map((intent) => [intent.name, intent]));
    if (arm.ok) this.#listed = new Set(arm.list.flatMap(fingerprintsOf));
    const named = intents.flatMap(({ rows }) => rows.flatMap(({ certificate }) => certificate?.fingerprint ?? []));
    for (const fingerprint of new Set([...this.#holders.keys(), ...named])) {
      const left = withoutDeparted(this.#holders.get(fingerprint) ?? new Set(), fingerprint, present);
      const sharing = this.#listed.has(fingerprint) ? left : new Set<string>();
      const naming = intents.filter((intent) => names(intent, fingerprint, sharing)).map(({ name }) => name);
      this.#holders.set(fingerprint, arm.ok && naming.length > 0 ? new Set(naming) : left);
    }
  }

  /** Why a certificate must not leave now; undefined when it may. */
  objection(fingerprint: string, intents: readonly Intent[]): string | undefined {
    const holders = this.#holders.get(fingerprint) ?? new Set();
    const naming = intents.find((intent) => !intent.deletion && rowsName(intent, fingerprint));
    if (naming && (!naming.frozen || holders.size > 0)) return `${naming.name} names it`;
    const frozen = intents.find(({ name, deletion, frozen }) => !deletion && frozen && holders.has(name));
    if (frozen) return `it belongs to ${frozen.name}, which is ${frozen.frozen}`;
    return holders.size > 0 || mayRemoveUnmanaged(intents) ? undefined : 'nobody who named it took it out';
  }
}

function names(intent: Intent, fingerprint: string, holders: ReadonlySet<string>): boolean {
  if (intent.deletion) return false;
  if (!intent.frozen) return rowsName(intent, fingerprint);
  return holders.has(intent.name) || (holders.size > 0 && rowsName(intent, fingerprint));
}

/** Of several who go in the same look, whoever keeps decides, unless one of them still has a say. */
function withoutDeparted(holders: ReadonlySet<string>, fingerprint: string, present: Present): ReadonlySet<string> {
  const departed = (name: string) => !present.has(name) || present.get(name)?.deletion === 'Retain';
  const hasSay = (name: string) => {
    const intent = present.get(name);
    return !intent || intent.frozen !== undefined || intent.deletion === 'Remove' || rowsName(intent, fingerprint);
  };
  const left = [...holders].filter((name) => !departed(name));
  const keeps = [...holders].some((name) => departed(name) && hasSay(name));
  return new Set(keeps && !left.some(hasSay) ? [] : left);
}
