import type { CertificateRotation } from '../../src/api/generated/certificaterotations.ts';
import { violate, type World } from './world.ts';

/** What a request may come to once nothing disturbs it any more, and a person has released it. */
const RESTS = new Set(['RequestExpired', 'ConflictingObjects', 'RotationNotAllowed']);

/** Every request is satisfied, or its object says why it never will be. */
export function checkRotationsEnd(world: World): void {
  for (const object of world.api.list('certificaterotations')) {
    const { metadata, spec, status } = object as unknown as CertificateRotation;
    const condition = (type: string) => status?.conditions?.find((one) => one.type === type);
    if (status?.observedGeneration !== metadata.generation)
      violate(world, `in the end ${metadata.name} says nothing of its last edit`);
    const isAsking = spec.mode === 'Rotate' && !spec.suspend && (spec.request ?? spec.requestedAt) !== undefined;
    if (!isAsking) continue;
    const result = condition('RotationSucceeded');
    if (result?.status !== 'True' && !RESTS.has(result?.reason ?? ''))
      violate(world, `in the end ${metadata.name} is ${result?.reason}: ${result?.message}`);
    if (result?.status !== 'True') continue;
    const aks = world.aks.find(({ key }) => key === spec.target.resourceId.toLowerCase());
    checkTruth(world, object as unknown as CertificateRotation, aks?.ca);
  }
}

type CA = World['aks'][number]['ca'];

function checkTruth(world: World, { metadata, spec }: CertificateRotation, ca: CA): void {
  const { request, requestedAt } = spec;
  const isReplaced = request !== undefined && request.replaceCA !== ca?.fingerprint;
  const isYounger = requestedAt !== undefined && ca !== undefined && ca.madeAt >= Date.parse(requestedAt) - 20_000;
  if (!isReplaced && !isYounger) violate(world, `in the end ${metadata.name} says that it is rotated, and it is not`);
}
