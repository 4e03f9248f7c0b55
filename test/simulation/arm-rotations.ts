import type { ArmRequest, ArmResponse } from '../../src/azure/transport.ts';
import type { Aks, Operation, RotationFate } from './aks.ts';
import { error, NOT_FOUND, throttled } from './arm-answers.ts';
import type { Answer } from './lasting.ts';
import { notePost, type Post } from './posts.ts';
import type { Process } from './process.ts';
import { checkPost } from './rules-post.ts';
import { kubeconfigOf, tokenOf } from './target.ts';
import type { World } from './world.ts';

const MINUTE = 60_000;
/** How long the listing may have the old CA after a rotation has ended; two reads a minute apart are then enough. */
const STALE_FOR = 50_000;

export interface ArmRoutes {
  /** `serve` is asked when the request arrives; undefined: no answer ever comes. */
  readonly travel: (request: ArmRequest, there: number, serve: () => Answer | undefined) => Promise<ArmResponse>;
  /** Headers that say where the status of an operation is. */
  readonly follow: (aks: Aks, started: Operation) => Readonly<Record<string, string>>;
}

/** ARM's answers about a cluster's own certificates; undefined for another request. */
export function rotationRoutes(world: World, process: Process, { travel, follow }: ArmRoutes) {
  const { scheduler, random, rotations } = world;

  function land(sent: Post, aks: Aks): Answer {
    sent.fate = 'Gone';
    if (!aks.exists) return NOT_FOUND;
    if (aks.running)
      return error(409, 'OperationNotAllowed', `Another operation (${aks.state}) is in progress, please wait`);
    if (aks.stopped) return error(400, 'BadRequest', 'the cluster is stopped');
    const { failsBefore = 0, failsAfter = 0, inVain = 0, hangs = 0 } = rotations?.weather ?? {};
    const fate = random.weighted<RotationFate>([
      [1, 'Succeeds'],
      [failsBefore, 'FailsBefore'],
      [failsAfter, 'FailsAfter'],
      [inVain, 'InVain'],
      [hangs, 'Hangs'],
    ]);
    const ms = fate === 'Hangs' ? random.between(95, 240) * MINUTE : random.between(6, 25) * MINUTE;
    const started = aks.rotate({ ours: true, ms, fate });
    sent.fate = 'Landed';
    sent.landedAt = scheduler.now;
    sent.started = started;
    world.note(`rotation of ${aks.options.name} landed: ${fate} in ${Math.round(ms / 1000)} s`);
    world.signal('PutLanded');
    return { status: random.pick([202, 202, 204]), text: '', headers: follow(aks, started) };
  }

  function rotate(aks: Aks, request: ArmRequest): Promise<ArmResponse> {
    const { never = 0, unanswered = 0, late = 0, refused = 0, throttled: often = 0 } = rotations?.weather ?? {};
    const sent = notePost(world, process, aks);
    checkPost(world, process, aks, sent);
    world.count('Post', aks.key);
    world.signal('PutSent');
    world.note(`${process.name} POST rotateClusterCertificates of ${aks.options.name}, attempt ${sent.attempt}`);
    const fate = random.weighted([
      [1, 'served'],
      [never, 'never'],
      [unanswered, 'unanswered'],
      [late, 'late'],
      [refused, 'refused'],
      [often, 'throttled'],
    ] as const);
    if (fate === 'late') {
      scheduler.after(random.between(5000, 4 * MINUTE), () => void land(sent, aks));
      return travel(request, random.between(10, 3000), () => ({ status: 502, text: '<html>bad gateway</html>' }));
    }
    return travel(request, random.between(10, 400), () => {
      if (fate === 'served') return land(sent, aks);
      if (fate === 'unanswered') {
        land(sent, aks);
        return random.pick([undefined, { status: 500, text: '{"code":"InternalError","message":"it broke"}' }]);
      }
      sent.fate = 'Gone';
      if (fate === 'throttled') return throttled(random.below(40) + 1);
      return fate === 'refused' ? random.pick(REFUSALS) : undefined;
    });
  }

  function credentials(aks: Aks, request: ArmRequest): Promise<ArmResponse> {
    const { stale = 0, unlisted = 0 } = rotations?.weather ?? {};
    return travel(request, random.between(10, 150), () => {
      if (random.chance(world.weather.arm.lost)) return undefined;
      if (random.chance(unlisted)) return random.pick(UNLISTED);
      if (!aks.exists) return NOT_FOUND;
      const rotates = aks.running?.rotates === true || scheduler.now < (aks.rotation?.endedAt ?? -Infinity) + STALE_FOR;
      const ca = (rotates && random.chance(stale) ? aks.cas.at(-2) : undefined) ?? aks.ca;
      if (!ca) return NOT_FOUND;
      const value = kubeconfigOf(aks.options.name, ca.pem, tokenOf(ca));
      return { status: 200, text: JSON.stringify({ kubeconfigs: [{ name: 'clusterUser', value }] }) };
    });
  }

  return (aks: Aks, rest: string, request: ArmRequest): Promise<ArmResponse> | undefined => {
    if (rest === '/rotateclustercertificates') return rotate(aks, request);
    if (rest.startsWith('/listclusterusercredential')) return credentials(aks, request);
    return undefined;
  };
}

const REFUSALS: readonly Answer[] = [
  error(403, 'AuthorizationFailed', "does not have authorization to perform action 'rotateClusterCertificates'"),
  error(403, 'RequestDisallowedByPolicy', 'a policy disallows it'),
  error(409, 'ScopeLocked', "the scope is locked: 'x'"),
  error(409, 'OperationNotAllowed', 'Another operation (Scaling) is in progress, please wait'),
];
const UNLISTED: readonly Answer[] = [
  { status: 500, text: '' },
  { status: 200, text: '<html>sign in</html>' },
  error(403, 'AuthorizationFailed', "does not have authorization to perform action 'listClusterUserCredential'"),
  error(409, 'OperationNotAllowed', 'RotateClusterCertificates is in progress'),
];
