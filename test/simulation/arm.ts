import type { ArmRequest, ArmResponse, ArmTransport } from '../../src/azure/transport.ts';
import type { Aks, Operation } from './aks.ts';
import { error, NOT_FOUND, throttled } from './arm-answers.ts';
import { rotationRoutes } from './arm-rotations.ts';
import { takeOutList } from '../rules/list-text.ts';
import { revisionIn } from './aks-text.ts';
import type { Answer, PutFate } from './lasting.ts';
import type { Process, Read } from './process.ts';
import { foreignWrite } from './foreign.ts';
import { notePut, type Put } from './puts.ts';
import { checkPut } from './rules-put.ts';
import { diesBefore, never, strike } from './strike.ts';
import type { World } from './world.ts';

const TIMEOUT = 30_000;
/** How far a replica of ARM may lag. Two reads that agree over 10 s are then enough, as the controller assumes. */
const STALEST = 9500;

/** A process's way to ARM. */
export function createTransport(world: World, process: Process): ArmTransport {
  const { scheduler, random } = world;
  const narrow = random.chance(0.3);

  /** `serve` is asked when the request arrives; undefined: no answer ever comes. */
  function travel(request: ArmRequest, there: number, serve: () => Answer | undefined): Promise<ArmResponse> {
    const { signal } = request;
    return new Promise((resolve, reject) => {
      const abort = () => reject(signal?.reason as Error);
      if (signal?.aborted) return abort();
      signal?.addEventListener('abort', abort);
      const settle = (ms: number, act: () => void) =>
        scheduler.after(
          ms,
          () => {
            signal?.removeEventListener('abort', abort);
            act();
          },
          process,
        );
      settle(TIMEOUT, () => reject(new Error('no answer within 30000 ms')));
      scheduler.after(there, () => {
        const answer = serve();
        if (!answer) return;
        const { status, text, headers = {} } = answer;
        const back = random.chance(world.weather.arm.slow) ? random.between(1000, 25_000) : random.between(10, 150);
        settle(back, () => resolve({ status, text, header: (name) => headers[name] }));
      });
      strike(world, process, false);
    });
  }

  function get(aks: Aks, request: ArmRequest): Promise<ArmResponse> {
    const weather = world.weather.arm;
    const bent = world.lasting?.get?.(aks);
    const requestedAt = scheduler.now;
    world.count('Get', aks.key);
    const fate = random.weighted([
      [1, 'served'],
      [weather.lost, 'lost'],
      [weather.refused, 'refused'],
      [weather.throttled, 'throttled'],
      [weather.nonsense, 'nonsense'],
    ] as const);
    const there =
      bent?.takesMs ?? (random.chance(weather.slow) ? random.between(1000, 20_000) : random.between(10, 150));
    let read: Read | undefined;
    const answer = travel(request, there, () => {
      if (bent?.lost) return undefined;
      if (bent?.answer) return bent.answer;
      switch (fate) {
        case 'lost':
          return undefined;
        case 'refused':
          return random.pick(REFUSALS_OF_READS);
        case 'throttled':
          return throttled(random.below(40) + 1);
        case 'nonsense':
          return { status: 200, text: random.pick(['<html>sign in</html>', '{"name":', '', '{"name":"prod"}']) };
        case 'served': {
          if (process.denied) return DENIED;
          const lag = bent?.lagMs ?? (random.chance(weather.stale) ? random.between(500, STALEST) : 0);
          const snapshot = aks.snapshot(lag);
          read = { snapshot, requestedAt };
          const headers = { date: new Date(scheduler.now).toUTCString() };
          return snapshot.text === undefined ? NOT_FOUND : { status: 200, text: snapshot.text, headers };
        }
      }
    });
    return answer.then((response) => {
      if (read) process.reads.set(aks.key, read);
      return response;
    });
  }

  /** Shows what a replica has, two clusters a page; a narrow role sees no subscription. */
  function list(request: ArmRequest): Promise<ArmResponse> {
    const weather = world.weather.arm;
    const bent = world.lasting?.list?.();
    world.count('List', '');
    return travel(request, bent?.takesMs ?? random.between(10, 500), () => {
      if (bent?.lost || random.chance(weather.lost)) return undefined;
      if (bent?.answer) return bent.answer;
      if (random.chance(weather.refused)) return random.pick(REFUSALS_OF_READS);
      if (random.chance(weather.throttled)) return throttled(random.below(40) + 1);
      if (process.denied || (narrow && !request.target.includes('/resourceGroups/'))) return DENIED;
      const [path = '', from = '0'] = request.target.split('?from=');
      const prefix = path.slice(0, path.indexOf('/providers/')).toLowerCase();
      const found = world.aks.filter(({ key }) => key.startsWith(`${prefix}/`));
      const shown = found.slice(Number(from), Number(from) + 2).flatMap((aks) => {
        const { text } = aks.snapshot(random.chance(weather.stale) ? random.between(500, STALEST) : 0);
        return text === undefined || random.chance(weather.stale / 4)
          ? []
          : [text.replace(/"id":"[^"]*"/, `"id":${JSON.stringify(aks.key)}`)];
      });
      const next =
        Number(from) + 2 < found.length ? `,"nextLink":${JSON.stringify(`${path}?from=${Number(from) + 2}`)}` : '';
      return { status: 200, text: `{"value":[${shown.join(',')}]${next}}` };
    });
  }

  function put(aks: Aks, request: ArmRequest): Promise<ArmResponse> {
    const { put: weather, arm } = world.weather;
    const body = request.body ?? '';
    const { list } = takeOutList(body);
    const sent = notePut(world, process, aks, list);
    checkPut(world, process, aks, { body, list, ifMatch: request.ifMatch, put: sent });
    world.count('Put', aks.key);
    world.signal('PutSent');
    world.note(`${process.name} PUT ${aks.options.name} ${list.length}`);
    const bent = world.lasting?.put?.(aks);
    if (bent) return travel(request, random.between(10, 400), () => bend(bent, sent, body, request));
    const fate = random.weighted([
      [1, 'served'],
      [weather.never, 'never'],
      [weather.unanswered, 'unanswered'],
      [weather.late, 'late'],
      [weather.veryLate, 'veryLate'],
      [weather.refused, 'refused'],
      [arm.throttled, 'throttled'],
    ] as const);
    if (random.chance(weather.overtaken)) foreignWrite(world, aks);
    if (fate === 'late' || fate === 'veryLate') {
      // The connection breaks early or the client gives up; the request goes on.
      const there =
        fate === 'late'
          ? random.between(random.chance(0.5) ? 50_000 : 20_000, 59_500)
          : random.between(61_000, 130_000);
      scheduler.after(there, () => void land(sent, body, request));
      return travel(request, random.between(10, 3000), () => ({ status: 502, text: '<html>bad gateway</html>' }));
    }
    return travel(request, random.between(10, 400), () => {
      switch (fate) {
        case 'never':
          sent.fate = 'Gone';
          return undefined;
        case 'refused':
          sent.fate = 'Gone';
          return random.pick(REFUSALS_OF_WRITES);
        case 'throttled':
          sent.fate = 'Gone';
          return throttled(random.below(40) + 1);
        case 'unanswered':
          land(sent, body, request);
          return random.pick([undefined, { status: 500, text: '{"code":"InternalError","message":"it broke"}' }]);
        case 'served':
          return land(sent, body, request);
      }
      return undefined;
    });
  }

  function land(sent: Put, body: string, request: ArmRequest): Answer {
    const { aks } = sent;
    sent.fate = 'Gone';
    if (!aks.exists) return NOT_FOUND;
    if (
      aks.eTag !== undefined &&
      request.ifMatch !== undefined &&
      request.ifMatch !== '*' &&
      request.ifMatch !== aks.eTag
    )
      return error(412, 'PreconditionFailed', 'the eTag is another');
    if (aks.running)
      return error(409, 'OperationNotAllowed', `Another operation (${aks.state}) is in progress, please wait`);
    if (aks.stopped) return error(400, 'BadRequest', 'the cluster is stopped');
    const { list } = takeOutList(body);
    if (list.length > 10) return error(400, 'BadRequest', 'more than 10 CustomCATrustCertificates');
    const ms = aks.options.rollMs ?? random.between(40_000, 240_000);
    const started = aks.begin({ ours: true, state: 'Updating', list, revision: revisionIn(body), ms });
    sent.fate = 'Landed';
    sent.landedAt = scheduler.now;
    sent.started = started;
    const headers = follow(aks, started);
    world.note(`landed ${aks.options.name} ${list.length}`);
    world.signal('PutLanded');
    const stuck = random.chance(world.weather.arm.nonsense);
    return { status: stuck ? 202 : 200, text: stuck ? '' : (aks.snapshot(0).text ?? ''), headers };
  }

  const operations = new Map<string, Operation>();

  function follow(aks: Aks, started: Operation): Readonly<Record<string, string>> {
    const path = `${aks.key}/operations/${started.number}`;
    operations.set(path, started);
    return { 'azure-asyncoperation': path };
  }

  /** What becomes of a write while a condition lasts. */
  function bend(fate: PutFate, sent: Put, body: string, request: ArmRequest): Answer | undefined {
    const { aks } = sent;
    switch (fate.kind) {
      case 'Unanswered':
        land(sent, body, request);
        return undefined;
      case 'Lost':
        sent.fate = 'Gone';
        return undefined;
      case 'Refused':
        sent.fate = 'Gone';
        return fate.answer;
      case 'Forgotten':
        sent.fate = 'Gone';
        return { status: 200, text: aks.snapshot(0).text ?? '' };
      case 'RolledInVain': {
        sent.fate = 'Gone';
        if (aks.running) return error(409, 'OperationNotAllowed', 'Another operation is in progress');
        const ms = aks.options.rollMs ?? 60_000;
        const headers = follow(
          aks,
          aks.begin({ ours: true, state: 'Updating', list: aks.list ?? [], inVain: true, ms }),
        );
        return { status: 200, text: aks.snapshot(0).text ?? '', headers };
      }
    }
  }

  const ofRotations = rotationRoutes(world, process, { travel, follow });

  return {
    send(request) {
      if (!process.alive || diesBefore(world, process, false)) return never();
      const { method, target } = request;
      const lower = target.toLowerCase();
      const aks = world.aks.find(({ key }) => lower === key);
      if (aks) return method === 'PUT' ? put(aks, request) : get(aks, request);
      if (lower.endsWith('/managedclusters')) return list(request);
      const operation = operations.get(target);
      if (operation) {
        world.count('Get', target.slice(0, target.indexOf('/operations/')));
        return travel(request, random.between(10, 150), () => {
          if (random.chance(world.weather.arm.refused)) return random.pick(REFUSALS_OF_READS);
          const status = random.chance(world.weather.arm.nonsense) ? 'InProgress' : operation.status;
          const failed = status === 'Failed' || status === 'Canceled';
          const text = { status, ...(failed ? { error: { code: 'DrainFailed', message: 'it failed' } } : {}) };
          return { status: 200, text: JSON.stringify(text) };
        });
      }
      const owner = world.rotations && world.aks.find(({ key }) => lower.startsWith(`${key}/`));
      const answer = owner && ofRotations(owner, lower.slice(owner.key.length), request);
      if (answer) return answer;
      if (lower.includes('/managedclusters/')) {
        world.count('Get', lower);
        return travel(request, random.between(10, 150), () => NOT_FOUND);
      }
      return travel(request, random.between(10, 150), () =>
        process.denied ? DENIED : { status: 200, text: textOfOthers(lower) },
      );
    },
    sdk: () => {
      throw new Error('no history asks the SDK');
    },
  };
}

/** What ARM answers about a resource group, its locks, and the versions of a region. */
function textOfOthers(target: string): string {
  if (target.endsWith('/locks')) return '{"value":[]}';
  return target.endsWith('/kubernetesversions') ? '{"values":[{"version":"1.33"}]}' : '{"name":"rg"}';
}

const DENIED = error(403, 'AuthorizationFailed', "does not have authorization to perform action 'read'");
const REFUSALS_OF_READS: readonly Answer[] = [
  { status: 500, text: '' },
  { status: 503, text: '<html>busy</html>' },
  error(401, 'ExpiredAuthenticationToken', 'the token is expired'),
];
const REFUSALS_OF_WRITES: readonly Answer[] = [
  error(400, 'BadRequest', 'failed to decode one of SecurityProfile.CustomCATrustCertificates to PEM'),
  error(403, 'RequestDisallowedByPolicy', 'a policy disallows it'),
  error(409, 'ScopeLocked', "the scope is locked: 'x'"),
  error(403, 'AuthorizationFailed', "does not have authorization to perform action 'write'"),
  error(409, 'OperationNotAllowed', 'Another operation (Scaling) is in progress, please wait'),
  error(409, 'EtagMismatch', 'Etag mismatched'),
];
