import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '../eventually.ts';
import type { Program } from '../deploy/program.ts';
import { createRandom } from '../simulation/random.ts';
import { breakGround, type Ground } from './ground.ts';
import { waitFor, type Moment } from './moments.ts';
import { chooseSeed } from './seed.ts';
import { startSilentProxy, type SilentProxy } from './silent-proxy.ts';
import { makeWorlds } from './worlds.ts';

jest.setTimeout(180_000);

const ELECTION = ['--leader-elect', '--lease-namespace=aks-ca-trust-system'];

interface Candidate {
  readonly program: Program;
  readonly proxy: SilentProxy;
  readonly clientId: string;
}

let ground: Ground;
beforeAll(async () => {
  ground = await breakGround();
}, 120_000);
afterAll(() => ground.stop());

/** One that everything can be told of that it does. */
async function startCandidate(): Promise<Candidate> {
  const proxy = await startSilentProxy(ground.apiServer.access);
  ground.onStop(() => proxy.stop());
  const { clientId } = ground.simulator.addClient();
  const program = await ground.start({ flags: ELECTION, through: proxy, clientId });
  return { program, proxy, clientId };
}

describe('a leader that stood still until another one led', () => {
  it('begins nothing more when it goes on, neither at the API server nor at ARM, and ends', async () => {
    const { seed, random } = chooseSeed();
    const { user, news, calm, judge } = await makeWorlds(ground, { count: 8, random: createRandom(seed + 1) });
    const candidates = [await startCandidate()];
    await candidates[0]!.program.line('This process leads.');
    const over = new AbortController();
    ground.onStop(() => over.abort());
    const acting = user.keepActing(over.signal);
    const stands: (readonly [Moment, boolean])[] = [];
    const woken: unknown[] = [];
    const late: number[] = [];

    for (const moment of ['PutUnderWay', 'OperationRecorded'] as const) {
      const old = candidates.at(-1)!;
      const next = await startCandidate();
      candidates.push(next);
      await next.program.line('The caches are filled.');
      const before = ground.putsSent();
      await eventually(async () => ground.putsSent() >= before + 5);
      stands.push([moment, await waitFor(moment, { ground, user, news, random })]);
      old.program.kill('SIGSTOP');
      await next.program.line('This process leads.');
      // What the old one knows is old before it wakes.
      await waitFor('PutUnderWay', { ground, user, news, random });
      const [asked, sent] = [old.proxy.passed.length, ground.simulator.journal().length];
      old.program.kill('SIGCONT');
      const { code } = await old.program.exit;
      const wrote = old.proxy.passed.slice(asked).filter(({ method }) => method !== 'GET');
      const put = ground.simulator
        .journal()
        .slice(sent)
        .filter(({ clientId, method }) => clientId === old.clientId && method !== 'GET');
      woken.push({ code, wrote: wrote.filter(({ path }) => !isLate(path)) });
      late.push(put.length);
    }
    over.abort();
    await acting;
    const unfinished = await calm(60_000);
    const leader = candidates.at(-1)!;
    leader.program.kill('SIGTERM');
    const { code } = await leader.program.exit;

    const { faults, writes, summary } = judge();
    const byWhom = candidates.map((one) => writes.filter(({ clientId }) => clientId === one.clientId).length);
    process.stdout.write(
      `seed ${seed}: stood still at ${JSON.stringify(stands)}, ${summary}, by leader ${byWhom.join(', ')}, lists by woken leaders ${JSON.stringify(late)}\n`,
    );
    expect({ seed, woken, faults, unfinished, code }).toEqual({
      seed,
      woken: [
        { code: 1, wrote: [] },
        { code: 1, wrote: [] },
      ],
      faults: [],
      unfinished: [],
      code: 0,
    });
    expect(late).toEqual([0, 0]);
    expect(Math.min(...byWhom)).toBeGreaterThan(0);
  });
});

/** Its last events are no harm, and are written after the lease is gone. */
function isLate(path: string): boolean {
  return path.includes('/events');
}
