import type { Connection } from '../../kubernetes/client/connection.ts';
import type { Checking } from './checking.ts';
import { isForbidden } from './finding.ts';

/** A right by RBAC. */
export type Right = ResourceRight | UrlRight;

/** Verbs on a resource, everywhere or in one namespace. */
export interface ResourceRight {
  readonly group: string;
  /** With its subresource: `customcatrusts/status`. */
  readonly resource: string;
  readonly verbs: readonly string[];
  readonly namespace?: string;
  /** The name of the only object that the right is for. */
  readonly name?: string;
}

/** Verbs on a path of the API server that belongs to no resource. */
export interface UrlRight {
  readonly url: string;
  readonly verbs: readonly string[];
}

/** Whose rights are reviewed; undefined: those of the connection. */
export type Reviewed = { readonly namespace: string; readonly name: string } | undefined;

/** Verbs that are missing; undefined where this user may not ask about the rights of others. */
export async function missingVerbs(
  connection: Connection,
  right: Right,
  whose: Reviewed,
  { ask }: Pick<Checking, 'ask'>,
): Promise<readonly string[] | undefined> {
  try {
    const allowed = await Promise.all(right.verbs.map((verb) => review(attributesOf(right, verb))));
    return right.verbs.filter((_, index) => !allowed[index]);
  } catch (error) {
    if (whose !== undefined && isForbidden(error)) return undefined;
    throw error;
  }

  /** The API server answers a review, and does not store it. */
  async function review(attributes: object): Promise<boolean> {
    const kind = whose === undefined ? 'SelfSubjectAccessReview' : 'SubjectAccessReview';
    const answer = (await ask(connection, {
      method: 'POST',
      path: `/apis/authorization.k8s.io/v1/${kind.toLowerCase()}s`,
      body: {
        apiVersion: 'authorization.k8s.io/v1',
        kind,
        spec: { ...attributes, ...(whose === undefined ? {} : subjectOf(whose)) },
      },
    })) as { status?: { allowed?: unknown } };
    return answer.status?.allowed === true;
  }
}

/** kubernetes.io/docs/reference/kubernetes-api/authorization-resources/subject-access-review-v1 */
function attributesOf(right: Right, verb: string): object {
  if ('url' in right) return { nonResourceAttributes: { path: right.url, verb } };
  const { group, namespace, name } = right;
  const [resource = '', subresource] = right.resource.split('/');
  return { resourceAttributes: { group, resource, subresource, namespace, name, verb } };
}

/** kubernetes.io/docs/reference/access-authn-authz/authentication: user and groups of a service account. */
function subjectOf({ namespace, name }: NonNullable<Reviewed>) {
  return {
    user: userOf({ namespace, name }),
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
  };
}

export function userOf({ namespace, name }: NonNullable<Reviewed>): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

/** The name of the user that the connection signs in as; undefined where the API server does not say it. */
export async function ownUser(connection: Connection, { ask }: Pick<Checking, 'ask'>): Promise<string | undefined> {
  const answer = (await ask(connection, {
    method: 'POST',
    path: '/apis/authentication.k8s.io/v1/selfsubjectreviews',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' },
  }).catch(() => undefined)) as { status?: { userInfo?: { username?: unknown } } } | undefined;
  const name = answer?.status?.userInfo?.username;
  return typeof name === 'string' ? name : undefined;
}

/** `get, list customcatrusts in namespace a`. */
export function describeRight(right: Right, verbs: readonly string[]): string {
  if ('url' in right) return `${verbs.join(', ')} ${right.url}`;
  const { resource, namespace, name } = right;
  const which = name === undefined ? resource : `${resource} ${name}`;
  return `${verbs.join(', ')} ${which}${namespace === undefined ? '' : ` in namespace ${namespace}`}`;
}
