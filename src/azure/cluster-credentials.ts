import { InvalidAnswerError } from './cluster-model.ts';
import { readObject } from './read-object.ts';

/** Far above the size of a kubeconfig of AKS, which has one context. */
const MOST_CHARACTERS = 256 * 1024;

/**
 * The kubeconfig in an answer to listClusterUserCredential: the first of `kubeconfigs`, as text.
 * learn.microsoft.com/rest/api/aks/managed-clusters/list-cluster-user-credentials
 *
 * @throws InvalidAnswerError that quotes nothing of the answer, which is secret
 */
export function readUserKubeconfig(text: string): string {
  const list = readObject(text)?.['kubeconfigs'];
  const first: unknown = Array.isArray(list) ? list[0] : undefined;
  const value = typeof first === 'object' && first !== null ? (first as { value?: unknown }).value : undefined;
  if (typeof value !== 'string' || value === '' || value.length > MOST_CHARACTERS || !/^[\w+/=\s-]+$/.test(value))
    throw new InvalidAnswerError(
      `ARM's answer should be kubeconfigs in base64, but is something else (${text.length} characters)`,
    );
  return Buffer.from(value, 'base64').toString('utf8');
}
