import { CERTIFICATE_LIMIT } from '../../src/api/names.ts';
import { stillHeld } from '../../src/cluster/intent.ts';
import { digestOf, fingerprintsOf, partsOf } from '../../src/cluster/trust/listed.ts';
import { listOf, rootOf } from './build.ts';
import type { Ledger } from './ledger.ts';
import { rowsName } from './wants.ts';
import type { Sent } from './world.ts';

/** What is wrong with a list that was sent, by the rules of the API; empty when nothing is. */
export function faultsOf(sent: Sent, ledger: Ledger): string[] {
  const { observation, decision, step, elements } = sent;
  const { arm, intents } = observation;
  if (!arm.ok) return ['it was sent over a cluster that was not read'];
  const { model } = arm.reading;
  const before = partsOf(arm.list);
  const after = partsOf(listOf(...elements));
  const gone = [...before].filter((part) => !after.has(part));
  const come = [...after].filter((part) => !before.has(part));
  const { operation, resourceUID } = observation.record?.status ?? {};
  const recorded = resourceUID === undefined || resourceUID === model.resourceUID ? operation : undefined;
  const resumed = recorded?.id === step.operation.id;
  const landed = recorded?.listDigest === digestOf(before);
  const faults: string[] = [];
  const check = (right: boolean, fault: () => string) => {
    if (!right) faults.push(fault());
  };

  check(
    /^(Succeeded|Failed|Canceled)$/.test(model.provisioningState),
    () => `the cluster is ${model.provisioningState}`,
  );
  check(model.powerState === 'Running', () => 'the cluster is stopped');
  if (resumed) {
    check(landed, () => 'an operation is resumed over another list');
    check(model.provisioningState !== 'Succeeded', () => 'an operation is resumed that did not fail');
    check(gone.length + come.length === 0, () => 'a resumed list is not the recorded one');
    check(step.operation.baseline === recorded?.baseline && !step.takeBaseline, () => 'a resumed baseline moved');
    check(
      model.provisioningState !== 'Canceled' || !stillHeld(recorded?.heldFor, intents),
      () => 'a person’s word was not waited for',
    );
  } else {
    check(gone.length + come.length > 0, () => 'no certificate comes or goes');
    check(!recorded || landed || recorded.absentSince !== undefined, () => 'two operations at a time');
    check(step.operation.listDigest === digestOf(after), () => 'the recorded digest is of another list');
  }

  const kept = step.items.flatMap((item) => ('keep' in item ? [item.keep] : []));
  check(
    kept.every((index, place) => place === 0 || index > (kept[place - 1] ?? -1)),
    () => 'elements changed their order',
  );
  arm.list.forEach((element, index) => {
    const stays = fingerprintsOf(element).every((fingerprint) => after.has(fingerprint));
    check(!stays || kept.includes(index), () => `element ${index} was rewritten or taken out without need`);
  });
  check(
    elements.length <= Math.max(CERTIFICATE_LIMIT, come.length > 0 ? 0 : arm.list.length),
    () => `${elements.length} elements`,
  );

  const overLimit = decision.outlook.view?.merge.overLimit ?? new Map<string, unknown>();
  for (const fingerprint of come) {
    const adders = intents.filter((intent) => !intent.deletion && !intent.frozen && rowsName(intent, fingerprint));
    check(
      adders.some(({ name }) => !overLimit.has(name)),
      () => `root ${rootOf(fingerprint)} is added for nobody who may add`,
    );
  }
  for (const fingerprint of gone) {
    const objection = ledger.objection(fingerprint, intents);
    check(objection === undefined, () => `root ${rootOf(fingerprint)} leaves: ${objection}`);
  }
  return faults;
}
