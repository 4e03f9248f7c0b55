/** Root path of a group of the Kubernetes API. It comes from this code, so it is not encoded. */
export type ApiRoot = '/api/v1' | `/apis/${string}`;

/**
 * Makes every path of the Kubernetes API. Each name is percent-encoded, because names come from objects, Secrets and events that
 * other people write. {@link KubernetesRequest} refuses names that encoding does not make harmless (an empty name, `..`, a slash).
 *
 * @param names resource, namespace and name in their order: `apiPath('/api/v1', 'namespaces', 'a', 'secrets', 'b')`
 */
export function apiPath(root: ApiRoot, ...names: readonly string[]): string {
  // Half of a surrogate pair cannot be encoded.
  return [root, ...names.map((name) => encodeURIComponent(name.toWellFormed()))].join('/');
}
