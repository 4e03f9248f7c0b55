import { SPEED, startAzure } from './azure.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { ChildDied } from './child.ts';
import { startController, type Controller } from './controller.ts';
import { startControlPlanes } from './control-planes.ts';
import { keepRunning } from './keep.ts';
import { beginRun, INTERRUPTION_MS, Interrupted, type Run } from './run.ts';
import { setStage } from './stage.ts';
import { applyThree, applyTheSameAgain, deleteIt, seeTheCluster, takeOneOut } from './steps.ts';

/** Lines of the controller's log that a failure is shown with. */
const TAIL = 30;

let controller: Controller | undefined;

async function demo(run: Run): Promise<void> {
  const { headline, outcome, say, elapsed } = run.screen;

  headline('Two clusters: real API servers, one for management, one the target');
  const planes = await startControlPlanes(run);

  headline('Azure: a simulator with an AKS cluster whose nodes are in the target');
  const azure = await startAzure(run, planes.target.kubeconfig);
  say(`ARM at ${azure.url}, ${SPEED} times as fast as real time`);
  const stage = await setStage(run, planes, azure);
  let sight = await seeTheCluster(stage);

  headline('The controller, with the rights of its installation');
  controller = await startController(run, planes.management, azure);
  say(`ready at ${controller.healthUrl}, log in .demo/controller.log`);

  headline('Three certificate authorities for every Linux node');
  sight = await applyThree(stage, sight);

  headline('The same three in another order and with CRLF: nothing to do');
  sight = await applyTheSameAgain(stage, sight);

  headline(`One taken out, ${stage.manifests.removed.commonName}, while a PodDisruptionBudget holds a node`);
  sight = await takeOneOut(stage, sight);

  headline('The object deleted, with deletionPolicy Remove');
  await deleteIt(stage, sight);

  outcome(`Every expectation was met, in ${Math.round(elapsed())} s`);
  if (process.env['KEEP']) await keepRunning(run, planes, azure, controller);
}

/** Exit code of a run that ended early. */
function explain({ screen }: Run, error: unknown): number {
  if (error instanceof Interrupted) {
    screen.say(`${error.message}; cleaning up`);
    return error.exitCode;
  }
  screen.outcome('The demo failed');
  screen.quote(messageOf(error));
  if (controller !== undefined && !(error instanceof ChildDied)) {
    screen.say(`the last lines of the controller's log (all of it: ${controller.logFile}):`);
    screen.quote(controller.tail(TAIL));
  }
  return 1;
}

async function main(): Promise<number> {
  let run: Run;
  try {
    run = beginRun();
  } catch (error) {
    console.error(`demo: ${messageOf(error)}`);
    return 1;
  }
  try {
    await demo(run);
    return 0;
  } catch (error) {
    // The child that died is the cause; errors that it caused may be known earlier.
    await pause(2 * INTERRUPTION_MS);
    return explain(run, run.signal.aborted ? run.signal.reason : error);
  } finally {
    await run.cleanup.run();
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

process.exit(await main());
