import { answered, isTaken, shown, type Lab } from './lab.ts';

/** Aborts a change right after it was sent. */
export async function abort(lab: Lab, a: string): Promise<void> {
  const sent = await lab.send('a change that is aborted', [a]);
  const aborted = await lab.arm.post('abort');
  const course = await lab.settle(sent);
  const states = course.clusterStates.map((state) => state.toLowerCase());
  const { model } = await lab.arm.read();
  lab.answer(
    'abort',
    states.includes('canceled') && shown(model, [a]) === '[certificate 1]',
    `${answered(aborted)}; ${course.clusterStates.join(', ')}; then ${shown(model, [a])}`,
  );
}

/** Stops the cluster, sends a change, and starts it. */
export async function stopAndStart(lab: Lab, a: string): Promise<void> {
  const stopping = await lab.settle(await lab.arm.post('stop'));
  const refused = await lab.send('a change of a stopped cluster', [a]);
  await lab.settle(refused);
  lab.answer('stopped-write', refused.status === 400, answered(refused));
  const starting = await lab.settle(await lab.arm.post('start'));
  const states = [...stopping.clusterStates, ...starting.clusterStates];
  const power = [...stopping.powerStates, ...starting.powerStates];
  lab.answer(
    'stopped-states',
    ['Stopping', 'Starting'].every((state) => states.includes(state)) &&
      power.includes('Stopped') &&
      power.at(-1) === 'Running',
    `${states.join(', ')}; power ${power.join(', ')}`,
  );
}

/** Rotates the cluster's own certificates: every node is made anew, and kubeconfigs from before no longer work. */
export async function rotate(lab: Lab): Promise<void> {
  const before = (await lab.arm.read()).model;
  const sent = await lab.arm.post('rotateClusterCertificates');
  if (!isTaken(sent)) {
    lab.answer('rotate', undefined, answered(sent));
    return;
  }
  const course = await lab.settle(sent);
  const { model } = await lab.arm.read();
  lab.answer(
    'rotate',
    course.clusterStates.includes('RotatingClusterCertificates') && shown(model, []) === shown(before, []),
    `${answered(sent)}; cluster: ${course.clusterStates.join(', ')}; pools: ${course.poolStates.join(', ')}; ${course.seconds} s`,
  );
}
