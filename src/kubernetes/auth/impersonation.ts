import type { Headers } from './types.ts';
import { isMapping, type Mapping } from './kubeconfig-yaml.ts';

/**
 * Headers for the user, groups, uid and extra fields that a kubeconfig's user acts as
 * (kubernetes.io/docs/reference/access-authn-authz/authentication, user impersonation). client-node knows the user alone.
 */
export function impersonationHeaders(user: Mapping): Headers {
  const { as, 'as-uid': uid, 'as-groups': groups, 'as-user-extra': extra } = user;
  if (typeof as !== 'string' || as === '') return {};
  const headers: Record<string, string | readonly string[]> = { 'impersonate-user': as };
  if (typeof uid === 'string') headers['impersonate-uid'] = uid;
  const names = texts(groups);
  if (names.length > 0) headers['impersonate-group'] = names;
  for (const [key, values] of Object.entries(isMapping(extra) ? extra : {}))
    headers[`impersonate-extra-${encodeURIComponent(key.toLowerCase())}`] = texts(values);
  return headers;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}
