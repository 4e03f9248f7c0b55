import { POOL, type PoolCertificate } from '../rules/certificates.ts';

/** What objects ask for: with what others put in, it never is more than the ten places. */
export const OURS: readonly PoolCertificate[] = POOL.slice(0, 7);
const THEIRS = POOL.slice(7);

/**
 * What others have put into a cluster's list before we came, at most three elements: certificates, two of them in one element
 * here and there, and once in a while something that is no certificate.
 */
export function foreignElements(cluster: number): string[] {
  const one = (index: number) => THEIRS[index % THEIRS.length]!;
  const two = btoa(one(cluster + 1).pem + one(cluster + 2).pem);
  const odd = btoa(`left here by the team of cluster ${cluster}\n`);
  return [one(cluster).element, ...(cluster % 3 === 1 ? [two] : []), ...(cluster % 4 === 2 ? [odd] : [])];
}

/** Members that no model of ours knows, and numbers that no reader of JSON in this language gives back as they were. */
export const ODD_MEMBERS =
  '{"tags":{"owner":"somebody else"},"properties":{"unheardOf":{"large":12345678901234567890,"weight":1.50,"list":[1e3, null]}}}';
