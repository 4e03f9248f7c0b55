import { listOf, type Model } from './arm.ts';
import { answered, effect, isTaken, replaced, shown, type Course, type Lab } from './lab.ts';

const NODES_UNSEEN = 'nodes could not be read';
const ended = (course: Course) =>
  `${course.seconds} s; ${course.clusterStates.join(', ')}; statuses ${course.statuses.join(', ') || 'none'}`;

/** One change from an empty list, with what can be seen while it runs. */
export async function oneChange(lab: Lab, a: string, b: string): Promise<void> {
  const before = (await lab.nodes?.nodes().catch(() => [])) ?? [];
  const sent = await lab.send('one certificate', [a]);
  const operation = sent.headers['azure-asyncoperation'];
  lab.answer(
    'change-answer',
    [200, 201, 202].includes(sent.status) && operation !== undefined,
    `${answered(sent)}; Azure-AsyncOperation ${operation === undefined ? 'absent' : 'given'}; Retry-After ${sent.headers['retry-after'] ?? 'absent'}`,
  );
  const { model } = await lab.arm.read();
  const running = model.properties.provisioningState;
  lab.answer(
    'change-list-meanwhile',
    shown(model, [a, b]) === '[certificate 1]',
    `${shown(model, [a, b])} while ${running}`,
  );
  const other = await lab.send('another list while a change runs', [a, b]);
  lab.answer(
    'busy-other-list',
    other.status === 409 && /OperationNotAllowed.*in progress/is.test(other.error ?? ''),
    answered(other),
  );
  const same = await lab.send('the same list while a change runs', [a]);
  lab.answer('busy-same-list', same.status === 409, answered(same));

  const course = await lab.settle(sent, before);
  const states = [...course.clusterStates, ...course.poolStates];
  lab.answer(
    'change-state',
    running?.toLowerCase() === 'updating',
    `first ${running}; cluster: ${course.clusterStates.join(', ')}; pools: ${course.poolStates.join(', ')}`,
  );
  lab.answer(
    'change-operation',
    course.statuses.includes('Succeeded') && states.includes('Succeeded') && !course.statusEndedFirst,
    `${ended(course)}; ${course.statusEndedFirst ? 'it ended before the cluster' : 'it did not end before the cluster'}`,
  );
  const after = (await lab.arm.read()).model;
  lab.answer('change-echo', listOf(after)?.[0] === a, listOf(after)?.[0] === a ? 'the same text' : 'another text');
  const { exchange, model: listed } = await lab.arm.listed();
  const brief = (model: Model) => [model.properties.provisioningState, model.eTag, shown(model, [a, b])].join(', ');
  const seen = listed ? brief(listed) : 'the cluster is not on the first page';
  lab.answer('change-listed', seen === brief(after), `${answered(exchange)}; ${seen}; a GET: ${brief(after)}`);
  aboutNodes(lab, course);
}

function aboutNodes(lab: Lab, course: Course): void {
  const { before, after } = course;
  if (before.length === 0) {
    for (const id of ['change-nodes', 'change-node-image', 'change-labels', 'change-events'] as const)
      lab.answer(id, undefined, NODES_UNSEEN);
    return;
  }
  const { of, replaced: count } = replaced(course);
  lab.answer('change-nodes', count === of, effect(course) ?? '');
  const images = (nodes: Course['before']) =>
    [...new Set(nodes.map(({ image = 'no label' }) => image))].sort().join(', ');
  lab.answer(
    'change-node-image',
    true,
    images(before) === images(after) ? 'the same versions' : `${images(before)}, then ${images(after)}`,
  );
  const labels = [...new Set(after.flatMap((node) => node.labels))].filter((name) =>
    name.startsWith('kubernetes.azure.com/'),
  );
  const needed = ['kubernetes.azure.com/agentpool', 'kubernetes.azure.com/cluster'];
  lab.answer(
    'change-labels',
    needed.every((name) => labels.includes(name)),
    labels.join(', '),
  );
  const events = [...(lab.nodes?.events ?? [])].sort();
  const expected = ['Draining node', 'Successfully reimaged node'];
  lab.answer(
    'change-events',
    expected.every((words) => events.some((event) => event.includes(words))),
    events.join(' | ') || 'none',
  );
}

/** Lists that say the same in another way, or too much. It begins and ends with certificates in the list. */
export async function otherLists(lab: Lab, a: string, b: string): Promise<void> {
  const same = await lab.change('the same list again', [a]);
  lab.answer(
    'same-list',
    true,
    `${answered(same.sent)}; ${ended(same.course)}; ${effect(same.course) ?? NODES_UNSEEN}`,
  );
  const two = await lab.change('two certificates', [a, b]);
  if (!isTaken(two.sent)) lab.say(`  Two certificates were refused: ${answered(two.sent)}.`);
  const order = await lab.change('the same two in another order', [b, a]);
  const moved = replaced(order.course);
  lab.answer(
    'order',
    order.course.before.length === 0 ? undefined : moved.replaced > 0,
    `${answered(order.sent)}; ${ended(order.course)}; ${effect(order.course) ?? NODES_UNSEEN}`,
  );
  const twice = await lab.change('the same certificate twice', [a, a]);
  lab.answer('duplicate', true, `${answered(twice.sent)}; then ${shown(twice.model, [a, b])}`);
  for (const [id, list] of [
    ['list-null', null],
    ['list-absent', undefined],
  ] as const) {
    const before = shown((await lab.arm.read()).model, [a, b]);
    const { sent, model } = await lab.change(id, list);
    lab.answer(id, shown(model, [a, b]) === before, `${answered(sent)}; ${before}, then ${shown(model, [a, b])}`);
  }
}

/** Writes with If-Match, which change nothing. */
export async function eTags(lab: Lab): Promise<void> {
  const send = async (what: string, eTag: (current: string | undefined) => string | undefined) => {
    const { model } = await lab.arm.read();
    const sent = await lab.send(what, listOf(model), eTag(model.eTag));
    await lab.settle(sent);
    return sent;
  };
  const stale = await send('an old If-Match', () => '"00000000-0000-0000-0000-000000000000"');
  lab.answer(
    'etag-stale',
    stale.status === 412 || (stale.status === 409 && /etag/i.test(stale.error ?? '')),
    answered(stale),
  );
  const { eTag: given } = (await lab.arm.read()).model;
  if (given === undefined) lab.answer('etag-current', undefined, 'the cluster has no eTag');
  else {
    const current = await send('the current If-Match', (eTag) => eTag);
    lab.answer('etag-current', isTaken(current), answered(current));
  }
  const any = await send('If-Match: *', () => '*');
  lab.answer('etag-any', isTaken(any), answered(any));
}

/** The end: no certificate remains. */
export async function emptyList(lab: Lab): Promise<void> {
  const { sent, course, model } = await lab.change('no certificate', []);
  const empty = (listOf(model) ?? []).length === 0;
  const { of, replaced: count } = replaced(course);
  lab.answer(
    'list-empty',
    isTaken(sent) && empty && count === of,
    `${answered(sent)}; ${ended(course)}; then ${shown(model, [])}; ${effect(course) ?? NODES_UNSEEN}`,
  );
}
