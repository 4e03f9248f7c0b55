import { isDnsLabel, isDnsName } from '../../kubernetes/untrusted/untyped.ts';

/** Prefixes as `kubectl get -o name` prints them, and their short forms. */
const KIND = /^(customcatrusts?(\.aks-ca-trust\.dev)?|cct)\//;

/** The same of the other kind. */
export const ROTATION = /^(certificaterotations?(\.aks-ca-trust\.dev)?|crot)\//;

export interface ObjectName {
  readonly name: string | undefined;
  /** Undefined stands for the namespace of the kubeconfig's context. */
  readonly namespace: string | undefined;
}

/** Reads the name of an object as people have it: `roots`, `cct/roots`, or `web/roots`, as views print it. */
export function readObjectName(
  argument: string | undefined,
  namespaceFlag: string | undefined,
  faults: string[],
): ObjectName {
  const typed = argument?.replace(KIND, '');
  const slash = typed?.indexOf('/') ?? -1;
  const name = slash < 0 ? typed : typed?.slice(slash + 1);
  const within = slash < 0 ? undefined : typed?.slice(0, slash);
  const namespace = namespaceFlag ?? within;
  if (within !== undefined && namespace !== within)
    faults.push(`${argument} is not in the namespace ${namespace}: leave --namespace out`);
  if (name !== undefined && !isDnsName(name)) faults.push(`"${name}" is not the name of an object`);
  if (namespace !== undefined && !isDnsLabel(namespace)) faults.push(`"${namespace}" is not the name of a namespace`);
  return { name, namespace };
}
