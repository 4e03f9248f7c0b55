import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { fingerprintsIn, nameOf, readPem } from '../rules/certificates.ts';
import { faultsOfCluster, faultsOfObject } from '../rules/rest-rules.ts';
import { recordOf } from './puts.ts';
import { violate, type World } from './world.ts';

/** What an undisturbed object may come to; everything else is on its way or waits for what is not disturbed any more. */
const RESTS = new Set(['Trusted', 'NothingWanted', 'LimitExceeded', 'Suspended', 'Invalid', 'Held', 'WouldRemoveAll']);

/** Where every history ends that stops being disturbed. */
export function checkEndState(world: World): void {
  for (const object of world.api.list('customcatrusts')) {
    const { metadata, status, spec } = object as unknown as CustomCATrust;
    for (const fault of faultsOfObject(object as unknown as CustomCATrust, ({ reason }) => RESTS.has(reason)))
      violate(world, `in the end ${fault}`);
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    const life = world.ledger.lives.get(metadata.uid ?? '');
    const emptied = life?.versions.at(-1)?.emptied === true;
    const held = status?.conditions?.some(({ type, reason }) => type === 'Applied' && reason === 'WouldRemoveAll');
    if (emptied && life.share.size > 0 && !held)
      violate(world, `in the end ${metadata.name} has no certificate left and does not say that its old ones stay`);
    if (!emptied && held)
      violate(world, `in the end ${metadata.name} says WouldRemoveAll, and names certificates or means to name none`);
    const aks = world.aks.find(({ key }) => key === spec.target.resourceId.toLowerCase());
    const listed = fingerprintsIn(aks?.list ?? []);
    if (ready?.status !== 'True') continue;
    for (const one of (spec.certificates ?? []).flatMap(({ pem }) => readPem(pem).fingerprints))
      if (!listed.has(one)) violate(world, `in the end ${nameOf(one)} of ${metadata.name} is not in the list`);
  }
  for (const aks of world.aks) {
    for (const fault of faultsOfCluster(aks.state, recordOf(world, aks))) violate(world, `in the end ${fault}`);
    const old = aks.nodes.find(({ list }) => list.join() !== (aks.list ?? []).join());
    if (old) violate(world, `in the end ${old.name} has another list`);
    // A certificate that was there before any object named it is adopted: it stays when the object lets go of it.
    const before = fingerprintsIn(aks.options.list ?? []);
    const ours = [...fingerprintsIn(aks.list ?? [])].filter((one) => !before.has(one));
    checkLeft(world, aks.key, aks.foreignAt, new Set(ours));
  }
}

/** What only one object ever named, and that object let go of or was deleted with Remove, is out. */
function checkLeft(world: World, cluster: string, foreignAt: number, listed: ReadonlySet<string>): void {
  if (world.ledger.isDisturbed(cluster) || foreignAt > -Infinity) return;
  const lives = world.ledger.of(cluster);
  for (const life of lives) {
    const last = life.versions.findLast(({ gone }) => !gone);
    if (!last || life.vanished) continue;
    for (const one of life.everShared) {
      if (!listed.has(one) || life.share.has(one)) continue;
      const alone = lives.every((other) => other === life || other.versions.every(({ named }) => !named.has(one)));
      const left = last.deletion
        ? last.deletion === 'Remove' && life.finalShare.has(one)
        : !last.frozen && !last.emptied && !last.named.has(one);
      if (alone && left)
        violate(world, `in the end ${nameOf(one)} is in the list, and only ${life.name} ever named it`);
    }
  }
}
