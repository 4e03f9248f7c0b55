import { Buffer } from 'node:buffer';
import type { Azure } from './azure.ts';
import type { ControlPlanes, Plane } from './control-planes.ts';
import { findKubectl, type Kubectl } from './kubectl.ts';
import { writeManifests, type Manifests, type Subject } from './manifests.ts';
import { createObserver, type Observer, type Sight } from './observe.ts';
import type { Run } from './run.ts';
import { createUserProgram } from './user-program.ts';
import { watchTrust, type TrustWatch } from './trust-object.ts';
import type { Verdict } from './verdicts.ts';

/** All that the steps work with. */
export interface Stage {
  readonly run: Run;
  readonly management: Plane;
  readonly target: Plane;
  readonly subject: Subject;
  readonly manifests: Manifests;
  readonly kubectl: Kubectl;
  readonly trust: TrustWatch;
  readonly observer: Observer;
}

/** Something that should have been observed was not. */
export class NotObserved extends Error {
  constructor(verdicts: readonly Verdict[]) {
    super(verdicts.map(({ expected, found }) => `not observed: ${expected} (${found})`).join('\n'));
    this.name = 'NotObserved';
  }
}

/** The namespace of the team. */
export const NAMESPACE = 'platform';
const SETTLE_SECONDS = 3;

/** The starting point of a platform team: in its namespace, a kubeconfig that may see the cluster's nodes. */
export async function setStage(run: Run, { management, target }: ControlPlanes, azure: Azure): Promise<Stage> {
  const subject: Subject = {
    namespace: NAMESPACE,
    name: 'corporate-roots',
    resourceId: azure.resourceId,
    kubeconfigSecret: 'prod-weu-kubeconfig',
    settleSeconds: SETTLE_SECONDS,
  };
  await management.admin.apply({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: subject.kubeconfigSecret, namespace: NAMESPACE },
    data: { value: Buffer.from(await target.nodeReader()).toString('base64') },
  });
  return {
    run,
    management,
    target,
    subject,
    manifests: writeManifests(run, subject),
    kubectl: await findKubectl(run, management),
    trust: watchTrust(run, createUserProgram(management.kubeconfig), subject),
    observer: await createObserver(azure, target.admin),
  };
}

/** Shows what was expected and found. Throws NotObserved when they differ. */
export function judge({ screen }: Run, verdicts: readonly Verdict[]): void {
  for (const { passed, expected, found } of verdicts) screen.verdict(passed, expected, found);
  const failed = verdicts.filter(({ passed }) => !passed);
  if (failed.length > 0) throw new NotObserved(failed);
}

/** The columns that a person reads in `kubectl get customcatrusts`. */
export async function columnsSay({ management, observer }: Stage, certs: number): Promise<Verdict> {
  const [head = [], row = []] = await management.admin.table('/apis/aks-ca-trust.dev/v1alpha1/customcatrusts');
  const cell = (name: string) => row[head.indexOf(name)] ?? '';
  const linux = linuxNodes(await observer.read());
  const found = ['READY', 'CERTS', 'SLOTS', 'NODES'].map((name) => `${name} ${cell(name)}`).join(', ');
  const wanted = `READY True, CERTS ${certs}/${certs}, SLOTS ${certs}/10, NODES ${linux}/${linux}`;
  return {
    expected: `kubectl get shows ${wanted}`,
    passed: found === wanted,
    found: found === wanted ? 'as printed above' : found,
  };
}

function linuxNodes({ nodes }: Sight): number {
  return [...nodes.values()].filter(({ osType }) => osType === 'linux').length;
}
