/** Where a group of the Kubernetes API begins; ours to write, so it is taken as it is. */
export type ApiRoot = '/api/v1' | `/apis/${string}`;

/**
 * The only way in which paths of the Kubernetes API are made. Every name is percent-encoded: names come from objects, Secrets and
 * events that other people write. What no encoding makes harmless (an empty name, `..`, a slash) is refused when the request is
 * made: {@link KubernetesRequest}.
 *
 * @param names resource, namespace and name in their order: `apiPath('/api/v1', 'namespaces', 'a', 'secrets', 'b')`
 */
export function apiPath(root: ApiRoot, ...names: readonly string[]): string {
  // Half of a surrogate pair cannot be encoded.
  return [root, ...names.map((name) => encodeURIComponent(name.toWellFormed()))].join('/');
}
