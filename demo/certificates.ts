import type { CertificateRotationStatus } from '../src/api/generated/certificaterotations.ts';
import { fingerprintOf } from './manifests.ts';
import type { Sight } from './observe.ts';
import { judge, type Stage } from './stage.ts';
import { until } from './until.ts';
import { untouched, type Verdict } from './verdicts.ts';

type Row = NonNullable<CertificateRotationStatus['certificates']>[number];

/** A CertificateRotation shows the certificates that the cluster has for itself, and changes nothing. */
export async function watchCertificates(stage: Stage, before: Sight): Promise<Sight> {
  const { run, management, target, subject, kubectl, manifests, observer } = stage;
  await kubectl.apply(manifests.certificates);
  await kubectl.waitReady('certificaterotation', subject.namespace, subject.name);
  const path = `/apis/aks-ca-trust.dev/v1alpha1/namespaces/${subject.namespace}/certificaterotations/${subject.name}`;
  const rows = await until(
    'the certificates of the cluster were read',
    async () => {
      const object = (await management.admin.get(path)) as { status?: CertificateRotationStatus } | undefined;
      const found = object?.status?.certificates ?? [];
      return found.length > 0 ? found : undefined;
    },
    { signal: run.signal },
  );
  await kubectl.show('certificaterotations');
  run.screen.say('its rows; the target is no AKS cluster, and its certificates live for a week, so they are Expiring:');
  for (const row of rows) run.screen.say(`  ${lineOf(row)}`);
  const after = await observer.read();
  judge(run, [...watched(rows, fingerprintOf(target.caPem)), ...untouched(before, after)]);
  return after;
}

function lineOf({ name, pool, health, notAfter, lifeUsedPercent, maintainedBy }: Row): string {
  const what = pool === undefined ? name : `${name} of ${pool}`;
  const dates = notAfter === undefined ? '' : `until ${notAfter}, ${lifeUsedPercent ?? '?'} % of its life used`;
  return [what.padEnd(24), health.padEnd(8), maintainedBy.padEnd(10), dates].join(' ').trimEnd();
}

/** Expectations of the rows; `authority` is the fingerprint of the CA of the target's API server. */
function watched(rows: readonly Row[], authority: string): Verdict[] {
  const row = (name: Row['name']) => rows.find((one) => one.name === name);
  const [shown, leaf] = [row('ClusterCA')?.fingerprintSHA256, row('APIServer')];
  return [
    {
      expected: 'the cluster CA is that of the target, as the kubeconfig from ARM has it',
      passed: shown === authority,
      found: `${shown?.slice(0, 8) ?? 'none'}…`,
    },
    {
      expected: 'the API server shows a certificate that this CA signed',
      passed: leaf !== undefined && leaf.health !== 'Intercepted' && leaf.notAfter !== undefined,
      found: leaf === undefined ? 'no row' : `${leaf.subject ?? leaf.message ?? ''}, ${leaf.health}`,
    },
  ];
}
