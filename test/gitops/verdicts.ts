import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Condition } from '../../src/api/conditions.ts';
import { toolPath } from '../go-tools/find.ts';

/** What GitOps tools read of an object. */
export interface Judged {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly generation?: number;
    readonly deletionTimestamp?: string;
  };
  readonly status?: { readonly observedGeneration?: number; readonly conditions?: readonly Condition[] };
}

/** The verdicts on one object. */
export interface Verdicts {
  readonly kstatus: { readonly status: Kstatus; readonly message: string };
  readonly argo: { readonly status: ArgoHealth; readonly message: string };
}

export type Kstatus = 'Current' | 'InProgress' | 'Failed' | 'Terminating';
export type ArgoHealth = 'Healthy' | 'Progressing' | 'Degraded' | 'Suspended';

/** The kinds that have a health check for Argo CD. */
export const JUDGED_KINDS = ['CustomCATrust', 'CertificateRotation', 'TargetCluster'] as const;

export const CUSTOMIZATIONS = fileURLToPath(
  new URL('../../deploy/argocd/resource_customizations/aks-ca-trust.dev/', import.meta.url),
);

/** Whether the program is there that computes verdicts; it is built with Go. */
export function canJudge(): boolean {
  return toolPath('gitops-verdicts') !== undefined;
}

/** The verdicts of the real kstatus, and of our scripts in the interpreter that Argo CD has, on each object. */
export function verdictsOf(objects: readonly Judged[]): Verdicts[] {
  const scripts = JUDGED_KINDS.map((kind) => `${kind}=${CUSTOMIZATIONS}${kind}/health.lua`);
  const input = objects.map((object) => JSON.stringify(object)).join('\n');
  const { status, stdout, stderr } = spawnSync(toolPath('gitops-verdicts')!, scripts, {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`gitops-verdicts failed: ${stderr}`);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Verdicts);
}

/** The verdicts that an object has to get, by the documented table. */
export function expectedVerdicts(object: Judged): readonly [Kstatus, ArgoHealth] {
  if (object.metadata.deletionTimestamp !== undefined) return ['Terminating', 'Progressing'];
  return object.kind === 'TargetCluster' ? ofRecord(object) : ofAsking(object);
}

/** Of an object that people write. */
function ofAsking({ metadata, status }: Judged): readonly [Kstatus, ArgoHealth] {
  const is = isTrueIn(status?.conditions);
  if (status?.observedGeneration !== metadata.generation) return ['InProgress', 'Progressing'];
  if (is('Suspended')) return [is('Ready') ? 'Current' : 'InProgress', 'Suspended'];
  if (is('Stalled')) return ['Failed', 'Degraded'];
  return is('Ready') ? ['Current', 'Healthy'] : ['InProgress', 'Progressing'];
}

function ofRecord({ status }: Judged): readonly [Kstatus, ArgoHealth] {
  const is = isTrueIn(status?.conditions);
  if (is('Idle')) return ['Current', 'Healthy'];
  return ['InProgress', is('Reachable') ? 'Progressing' : 'Degraded'];
}

function isTrueIn(conditions: readonly Condition[] = []) {
  return (type: string) => conditions.some((one) => one.type === type && one.status === 'True');
}

/** Each object whose verdicts are others than the table has, in words. */
export function wrongVerdicts(objects: readonly Judged[]): string[] {
  const verdicts = verdictsOf(objects);
  return objects.flatMap((object, index) => {
    const { kstatus, argo } = verdicts[index]!;
    const expected = expectedVerdicts(object).join(' and ');
    const given = `${kstatus.status} and ${argo.status}`;
    return given === expected ? [] : [`${object.kind} is ${given}, not ${expected}: ${JSON.stringify(object)}`];
  });
}
