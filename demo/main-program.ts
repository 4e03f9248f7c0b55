import { SPEED, startAzure } from './azure.ts';
import { watchCertificates } from './certificates.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { ChildDied } from './child.ts';
import { buildBundle, BUNDLE, SOURCE, startController, type Controller, type Program } from './controller.ts';
import { startControlPlanes } from './control-planes.ts';
import { install } from './installation.ts';
import { keepRunning, type Laboratory } from './keep.ts';
import { beginRun, INTERRUPTION_MS, Interrupted, type Run } from './run.ts';
import { NAMESPACE, setStage } from './stage.ts';
import { applyThree, applyTheSameAgain, checkInstallation, deleteIt, seeTheCluster, takeOneOut } from './steps.ts';

/** Lines of the controller's log that a failure is shown with. */
const TAIL = 30;

let controller: Controller | undefined;

/** Everything that runs, and the team's starting point. */
async function setUp(run: Run, program: Program, onOutput?: (text: string) => void): Promise<Laboratory> {
  const { headline, say } = run.screen;

  headline('Two clusters: real API servers, one for management, one the target');
  const built = program === BUNDLE ? buildBundle(run) : Promise.resolve();
  // Its failure is shown where it is awaited.
  built.catch(() => {});
  const planes = await startControlPlanes(run);

  headline('Azure: a simulator with an AKS cluster whose nodes are in the target');
  const azure = await startAzure(run, planes.target.kubeconfig);
  say(`ARM at ${azure.url}, ${SPEED} times as fast as real time`);

  headline('The installation, and the controller with its arguments and its rights');
  const installation = await install(run, planes.management, NAMESPACE);
  const stage = await setStage(run, planes, azure);
  await built;
  const options = { installation, program, ...(onOutput ? { onOutput } : {}) };
  const started = await startController(run, planes.management, azure, options);
  controller = started;
  say(`ready at ${started.healthUrl}, log in .demo/controller.log`);
  return { planes, azure, stage, controller: started };
}

async function demo(run: Run): Promise<void> {
  const { headline, outcome, elapsed } = run.screen;
  const laboratory = await setUp(run, BUNDLE);
  const { stage, controller } = laboratory;
  let sight = await seeTheCluster(stage);

  headline('Three certificate authorities for every Linux node');
  sight = await applyThree(stage, sight);

  headline('The installation checks itself: rights, sign-in, ARM, nodes, clocks');
  await checkInstallation(stage, controller);

  headline('The same three in another order and with CRLF: nothing to do');
  sight = await applyTheSameAgain(stage, sight);

  headline(`One taken out, ${stage.manifests.removed.commonName}, while a PodDisruptionBudget holds a node`);
  sight = await takeOneOut(stage, sight);

  headline("The cluster's own certificates: until when, and who acts before that");
  sight = await watchCertificates(stage, sight);

  headline('The object deleted, with deletionPolicy Remove');
  await deleteIt(stage, sight);

  outcome(`Every expectation was met, in ${Math.round(elapsed())} s`);
  if (process.env['KEEP']) await keepRunning(run, laboratory);
}

/** Everything of the demo, without its steps. */
async function play(run: Run): Promise<void> {
  await keepRunning(run, await setUp(run, BUNDLE));
}

/** As play, with the controller from source; its log is shown. */
async function dev(run: Run): Promise<void> {
  let follow = false;
  const laboratory = await setUp(run, SOURCE, (text) => {
    if (follow) process.stdout.write(text);
  });
  run.screen.say('the controller starts again when a file of src/ changes; its log follows');
  const kept = keepRunning(run, laboratory);
  follow = true;
  await kept;
}

const MODES: Readonly<Record<string, (run: Run) => Promise<void>>> = { demo, play, dev };

/** Exit code of a run that ended early. */
function explain({ screen }: Run, error: unknown): number {
  if (error instanceof Interrupted) {
    screen.say(`${error.message}; cleaning up`);
    return error.exitCode;
  }
  screen.outcome(`${mode} failed`);
  screen.quote(messageOf(error));
  if (controller !== undefined && !(error instanceof ChildDied)) {
    screen.say(`the last lines of the controller's log (all of it: ${controller.logFile}):`);
    screen.quote(controller.tail(TAIL));
  }
  return 1;
}

const [mode = 'demo'] = process.argv.slice(2);

async function main(): Promise<number> {
  const work = MODES[mode];
  if (!work) {
    console.error(`demo: there is no "${mode}"; it can be ${Object.keys(MODES).join(', ')}`);
    return 1;
  }
  let run: Run;
  try {
    run = beginRun();
  } catch (error) {
    console.error(`demo: ${messageOf(error)}`);
    return 1;
  }
  try {
    await work(run);
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
