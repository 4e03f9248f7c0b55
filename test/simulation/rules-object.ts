import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { fingerprintsIn, nameOf, readElement, readPem } from '../rules/certificates.ts';
import { faultsOfRelease } from '../rules/release-rules.ts';
import type { Aks } from './aks.ts';
import type { Stored } from './api-server.ts';
import type { Life } from './ledger.ts';
import type { Process } from './process.ts';
import { recordOf } from './puts.ts';
import { violate, type World } from './world.ts';

/** A finaliser went: what the deletion policy says is done. */
export function checkFinalizer(world: World, process: Process, object: Stored): void {
  const life = world.ledger.lives.get(object.metadata.uid ?? '');
  const aks = world.aks.find(({ key }) => key === life?.cluster);
  // The deletion itself was noted a moment ago, and is its last version.
  const asked = life?.versions.findLast(({ gone }) => !gone);
  if (!life || !aks || !asked) return;
  const record = recordOf(world, aks);
  const release = { name: life.name, record, listed: new Set<string>(), own: [] };
  if (asked.deletion === 'Retain') {
    // Where there was no record yet, no version of it kept two controllers that worked at a time apart.
    if (!world.unfenced) keep(world, faultsOfRelease({ ...release, policy: 'Retain' }));
    return;
  }
  if (asked.deletion === undefined) return violate(world, `${life.name} lost its finaliser and is not being deleted`);
  const read = process.reads.get(aks.key);
  if (read?.snapshot.text === undefined) {
    const since = aks.snapshots.findLast(({ text }) => text !== undefined)?.at ?? 0;
    if (aks.exists ? since < world.scheduler.now - 30_000 : false)
      violate(world, `${life.name} goes with a cluster that is there`);
    return;
  }
  const { state, list } = read.snapshot.shown;
  if (state !== 'Succeeded') violate(world, `${life.name} goes while the cluster is ${state}`);
  // Another client may have taken them out, and an old replica not know it.
  const really = fingerprintsIn(aks.list ?? []);
  const listed = new Set([...fingerprintsIn(list ?? [])].filter((one) => really.has(one)));
  keep(world, faultsOfRelease({ ...release, policy: 'Remove', listed, own: lastShare(world, aks, life) }));
}

function keep(world: World, faults: readonly string[]): void {
  for (const fault of faults) violate(world, fault);
}

/** What an object had a share of and nobody else ever did: it must leave with it. */
function lastShare(world: World, aks: Aks, life: Life): readonly string[] {
  if (world.ledger.isDisturbed(aks.key)) return [];
  const others = world.ledger.of(aks.key).filter((other) => other !== life);
  return [...life.finalShare].filter((one) =>
    others.every(({ versions }) => versions.every(({ named }) => !named.has(one))),
  );
}

/** A status says Trusted: every node has it. */
export function checkStatus(world: World, process: Process, object: Stored): void {
  world.ledger.noteTrusted(object);
  const { status, spec, metadata } = object as unknown as CustomCATrust;
  const aks = world.aks.find(({ key }) => key === spec.target.resourceId.toLowerCase());
  if (!aks || !status || status.observedGeneration !== metadata.generation) return;
  // Taken away by force, or by another controller at once, and made again by the same name: until the watch brings that, it is
  // told of the other.
  const name = `${metadata.namespace}/${metadata.name}`;
  const others = world.ledger.named(name).filter(({ uid }) => uid !== metadata.uid);
  if (others.some(({ vanished }) => vanished || world.unfenced)) return;
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'True') return;
  const read = process.reads.get(aks.key);
  if (!read) return violate(world, `${metadata.name} is Ready and its cluster was never read`);
  const wanted = new Set((spec.certificates ?? []).flatMap(({ pem }) => readPem(pem).fingerprints));
  const listed = fingerprintsIn(read.snapshot.shown.list ?? []);
  for (const one of wanted) {
    if (!listed.has(one)) violate(world, `${metadata.name} is Ready and ${nameOf(one)} is not in the list`);
    const node = aks.nodes.find(
      ({ bornAt, list }) => bornAt < read.snapshot.at && !list.some((element) => readElement(element).includes(one)),
    );
    // Who has no access to the nodes, or is lied to about them, goes by what ARM reports.
    const unseen = aks.leavesOld && spec.target.nodeAccess === undefined;
    if (node && !unseen && !world.lasting?.nodes)
      violate(world, `${metadata.name} is Ready and ${node.name} does not trust ${nameOf(one)}`);
  }
}
