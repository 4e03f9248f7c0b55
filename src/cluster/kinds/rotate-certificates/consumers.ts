import type { CertificateRotationStatus } from '../../../api/generated/certificaterotations.ts';
import { sentences } from '../../../api/sentences.ts';
import { HOLDINGS, type Holder, type Holding } from '../../../cluster-certificates/holders/holder.ts';
import type { CertificateRow } from '../../../cluster-certificates/judgement.ts';
import { rowNamed } from '../../../cluster-certificates/row.ts';
import type { ConsumersReport, ConsumersSearch } from '../../model/follow-up.ts';
import { timestamp, wholeSeconds, type RotationMemory } from '../../model/record.ts';
import type { RotationIntent } from '../../model/rotation.ts';

type Status = CertificateRotationStatus | undefined;
type Consumers = NonNullable<CertificateRotationStatus['consumers']>;

/** Holders that a status names; the others are counted. */
const MOST_NAMED = 50;
const MOST_NOT_SEARCHED = 16;

/** The row of the cluster CA, as it was read last. */
export function clusterCARowOf(status: Status): CertificateRow | undefined {
  return rowNamed(status?.certificates ?? [], 'ClusterCA');
}

/** SHA-256 of the cluster CA; undefined where it is not known. */
export function clusterCAOf(status: Status): string | undefined {
  return clusterCARowOf(status)?.fingerprintSHA256;
}

/** SHA-256 of the CAs that the cluster is known to have had before the present one. */
export function earlierCAs(status: Status, { casSeen = [], lastRotation }: RotationMemory = {}): readonly string[] {
  const present = clusterCAOf(status);
  const known = [
    ...casSeen.map(({ fingerprintSHA256 }) => fingerprintSHA256),
    ...[lastRotation?.oldCA, status?.lastRotation?.oldCA, status?.consumers?.clusterCASHA256],
  ];
  const isAfter = lastRotation?.newCA;
  // While the row still has the CA of before, the next one is no earlier one.
  return [...new Set(known)].filter((one): one is string => one !== undefined && one !== present && one !== isAfter);
}

/** How many parts of objects stop working with the next rotation, and when that was found; undefined where it was not searched. */
export function dependentsOf(status: Status): { readonly count: number; readonly searchedAt: string } | undefined {
  const { counts = [], searchedAt, clusterCASHA256 } = status?.consumers ?? {};
  if (searchedAt === undefined || clusterCASHA256 === undefined || clusterCASHA256 !== clusterCAOf(status))
    return undefined;
  const depends = counts.filter(({ holding }) => holding === 'PresentCA' || holding === 'Token');
  return { count: depends.reduce((sum, { count }) => sum + count, 0), searchedAt };
}

/** Next `status.consumers`. A search that read nothing takes nothing back. */
export function consumersOf(
  { object }: Pick<RotationIntent, 'object'>,
  report: ConsumersReport | undefined,
): Consumers | undefined {
  if (!object.spec.findConsumers) return undefined;
  const before = object.status?.consumers;
  const search = report?.search;
  if (!search) return before;
  const notSearched = search.notSearched.slice(0, MOST_NOT_SEARCHED).map((one) => ({ ...one }));
  // After an edit, its access may be another one, which must not show what the one before saw.
  const isSame = search.isAllowed && object.status?.observedGeneration === object.metadata.generation;
  if (isSame && search.read === 0 && notSearched.length > 0 && before?.counts) {
    const message = sentences(
      'It could not be searched again, so this is what the last search found',
      foundText(countsIn(before)),
    );
    return { ...before, message, notSearched };
  }
  const { holders, counts, clusterCA } = search;
  const found = HOLDINGS.flatMap((holding) => {
    const count = counts[holding] ?? 0;
    return count > 0 ? [{ holding, count }] : [];
  });
  return {
    searchedAt: wholeSeconds(timestamp(search.at)),
    ...(clusterCA === undefined ? {} : { clusterCASHA256: clusterCA }),
    message: messageOf(search),
    ...(found.length > 0 ? { counts: found } : {}),
    ...(holders.length > 0 ? { holders: named(holders) } : {}),
    ...(notSearched.length > 0 ? { notSearched } : {}),
  };
}

function named(holders: readonly Holder[]): NonNullable<Consumers['holders']> {
  const byNeed = HOLDINGS.flatMap((holding) => holders.filter((holder) => holder.holding === holding));
  return byNeed
    .slice(0, MOST_NAMED)
    .map(({ namespace, ...holder }) => (namespace === '' ? holder : { ...holder, namespace }));
}

function messageOf({ counts, clusterCA, read, notSearched }: ConsumersSearch): string {
  const unknown =
    clusterCA === undefined
      ? 'The cluster CA is not known, so only what names the API server of the cluster was found: see the row ClusterCA of status.certificates'
      : '';
  const missing = notSearched.length > 0 ? NOT_ALL : '';
  const text = foundText(counts);
  if (text !== '') return sentences(unknown, text, missing);
  if (read === 0 && notSearched.length > 0) return 'Nothing could be searched: see notSearched.';
  return sentences(unknown, 'Nothing that was searched holds a CA of the cluster', missing);
}

const NOT_ALL = 'Not everything could be searched: see notSearched';

function foundText(counts: ConsumersSearch['counts']): string {
  return sentences(...HOLDINGS.map((holding) => (counts[holding] ? TEXTS[holding](counts[holding]) : '')));
}

function countsIn({ counts = [] }: Consumers): ConsumersSearch['counts'] {
  return Object.fromEntries(counts.map(({ holding, count }) => [holding, count]));
}

/** The found parts of one holding, and what to do. */
const TEXTS: Readonly<Record<Holding, (count: number) => string>> = {
  OldCA: (count) =>
    `${parts(count)} still ${has(count)} a CA that the cluster had before: connections that verify with it fail. Write the present CA there`,
  OtherCA: (count) =>
    `${parts(count)} ${has(count)} another CA of the name of the cluster CA, or for its API server: that of before a rotation, or of another cluster. Write the present CA there, unless it is of another cluster`,
  Token: (count) =>
    `${count === 1 ? '1 Secret has' : `${count} Secrets have`} a token of a service account that stays as it is when the keys change: after a rotation it is refused. Delete such a Secret, and create it again`,
  OlderThanCA: (count) =>
    `${count === 1 ? '1 pod is' : `${count} pods are`} older than the cluster CA, and may still use the one of before. Restart such pods`,
  PresentCA: (count) =>
    `${parts(count)} ${has(count)} the present CA, and ${count === 1 ? 'needs' : 'need'} the new one after the next rotation`,
};

function parts(count: number): string {
  return count === 1 ? '1 part of an object' : `${count} parts of objects`;
}

function has(count: number): string {
  return count === 1 ? 'has' : 'have';
}
