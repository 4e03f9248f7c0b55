import { GUARDED_POOL, POOLS } from './azure.ts';
import type { Sight } from './observe.ts';
import type { Controller } from './controller.ts';
import { askCheck, askStatus } from './program.ts';
import { columnsSay, judge, type Stage } from './stage.ts';
import { settle } from './trust-object.ts';
import { until } from './until.ts';
import { changedTo, blockedBy, untouched } from './verdicts.ts';
import { deployGuarded } from './workload.ts';

/** Reads of the cluster by the controller without a write that count as proof that nothing is written. */
const READS = 3;

/** The cluster at the start: all nodes are there, and its list has no certificate authority. */
export async function seeTheCluster({ run, observer }: Stage): Promise<Sight> {
  const sight = await observer.read();
  const nodes = POOLS.reduce((sum, { count }) => sum + count, 0);
  judge(run, [
    {
      expected: `${nodes} nodes in the target's API server`,
      passed: sight.nodes.size === nodes,
      found: POOLS.map(({ name, osType, mode, count }) => `${name} ${count} (${osType}, ${mode})`).join(', '),
    },
    {
      expected: 'an empty list in ARM',
      passed: sight.elements.length === 0,
      found: `${sight.elements.length} elements`,
    },
  ]);
  return sight;
}

export async function applyThree(stage: Stage, before: Sight): Promise<Sight> {
  const { run, subject, kubectl, manifests, trust, observer } = stage;
  await kubectl.apply(manifests.three);
  const [waited] = await Promise.all([
    kubectl.waitReady('customcatrust', subject.namespace, subject.name),
    trust.ready(),
  ]);
  if (waited) judge(run, [{ expected: 'kubectl wait ends when it is Ready', passed: true, found: 'as printed above' }]);
  const after = await observer.read();
  judge(run, changedTo(manifests.authorities, before, after));
  await kubectl.show();
  judge(run, [await columnsSay(stage, 3)]);
  return after;
}

/** The installation as its own command finds it. */
export async function checkInstallation({ run }: Stage, controller: Controller): Promise<void> {
  const { output, exitCode } = await askCheck(run, controller);
  const summary = output.trimEnd().split('\n').at(-1) ?? '';
  judge(run, [{ expected: 'no check fails, exit code 0', passed: exitCode === 0, found: `${exitCode}: ${summary}` }]);
}

/** Nothing was sent if the controller has observed the edit, its settle time is over, and it has read the cluster several times since. */
export async function applyTheSameAgain(stage: Stage, before: Sight): Promise<Sight> {
  const { run, subject, kubectl, manifests, trust, observer } = stage;
  const generation = (await trust.get())?.metadata.generation ?? 0;
  await kubectl.apply(manifests.sameThree);
  const object = await trust.observed();
  const [first, second] = [object.spec.certificates[0], object.spec.certificates[1]];
  const entries = object.spec.certificates.map(({ name }) => name).join(', ');
  judge(run, [
    {
      expected: 'the API server has the new text: another order, CRLF',
      passed:
        object.metadata.generation === generation + 1 &&
        first !== undefined &&
        second !== undefined &&
        first.pem.includes('\r\n-----BEGIN CERTIFICATE-----\r\n'),
      found: `generation ${object.metadata.generation}: ${entries}`,
    },
  ]);
  await settle(subject.settleSeconds, run.signal);
  const from = await observer.controllerReads();
  const reads = await until(
    `the controller reads the cluster ${READS} times`,
    async () => {
      const now = (await observer.controllerReads()) - from;
      return now >= READS ? now : undefined;
    },
    { signal: run.signal },
  );
  run.screen.say(
    `the controller has observed generation ${object.metadata.generation}; since the end of its settle time of ${subject.settleSeconds} s it has read the cluster ${reads} times`,
  );
  await trust.ready();
  const after = await observer.read();
  judge(run, untouched(before, after));
  await kubectl.show();
  judge(run, [await columnsSay(stage, 3)]);
  return after;
}

/** A PodDisruptionBudget blocks the change: the status names it, and the change goes on once the budget allows an eviction. */
export async function takeOneOut(stage: Stage, before: Sight): Promise<Sight> {
  const { run, management, target, subject, kubectl, manifests, trust, observer } = stage;
  const guarded = await deployGuarded(run, target.admin, nodeToGuard(before));
  run.screen.say(
    `in the target: ${guarded.pod} on ${guarded.node}, and a PodDisruptionBudget that does not allow its eviction`,
  );
  await kubectl.apply(manifests.two);
  run.screen.say('a refused eviction is reported after a minute');
  const message = await trust.blockerMessage();
  const status = await askStatus(run, management, subject);
  judge(run, blockedBy(guarded, message, status, before, await observer.read()));
  run.screen.say(`in the target: the PodDisruptionBudget ${guarded.budget} allows one eviction`);
  await guarded.makeRoom();
  await trust.ready();
  const after = await observer.read();
  judge(
    run,
    changedTo(
      manifests.authorities.filter((one) => one !== manifests.removed),
      before,
      after,
    ),
  );
  await kubectl.show();
  judge(run, [await columnsSay(stage, 2)]);
  return after;
}

export async function deleteIt({ run, kubectl, manifests, trust, observer }: Stage, before: Sight): Promise<Sight> {
  await kubectl.delete(manifests.two);
  await trust.gone();
  const after = await observer.read();
  judge(run, changedTo([], before, after));
  return after;
}

/** One in the middle of the pool, so that some are replaced before it and some not. */
function nodeToGuard({ nodes }: Sight): string {
  const names = [...nodes].filter(([, { pool }]) => pool === GUARDED_POOL).map(([name]) => name);
  const [, second] = names.sort();
  if (second === undefined) throw new Error(`node pool ${GUARDED_POOL} has no second node`);
  return second;
}
