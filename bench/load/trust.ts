import type { CustomCATrust } from '../../src/api/generated/customcatrusts.ts';
import { API_VERSION } from '../../src/api/names.ts';

export const NAMESPACE = 'bench';
export const TRUSTS = `/apis/${API_VERSION}/namespaces/${NAMESPACE}/customcatrusts`;

/** An object that wants these certificates at once. */
export function trustObject(name: string, resourceId: string, pems: readonly string[]) {
  return {
    apiVersion: API_VERSION,
    kind: 'CustomCATrust',
    metadata: { name, namespace: NAMESPACE },
    spec: specOf(resourceId, pems),
  };
}

export function specOf(resourceId: string, pems: readonly string[]) {
  return {
    target: { resourceId },
    settleSeconds: 0,
    certificates: pems.map((pem, index) => ({ name: `ca-${index}`, pem })),
  };
}

/** Whether the controller has judged the present generation and says Ready of it. */
export function isReady({ metadata, status }: CustomCATrust): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' && ready.observedGeneration === metadata.generation;
}
