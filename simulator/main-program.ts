import { parseArgs } from 'node:util';
import { play, readScenario } from './control/scenario.ts';
import { howToConnect } from './control/how-to-connect.ts';
import { startSimulator } from './simulator.ts';

const USAGE = `Simulates Azure sign-in, ARM and the AKS resource provider.

  node simulator/main.ts [--listen 127.0.0.1:0] [--state scenario.yaml] [--speed 60] [--seed 1] [--node-seconds 120]
    [--overhead-seconds 5] [--poll-seconds 10] [--no-throttling] [--no-etags] [--journal-limit 20000] [--no-journal-bodies]
    [--control-token TOKEN] [--words any]

The control token is what requests to /_simulator have to bring. It is also read from AKS_SIMULATOR_CONTROL_TOKEN; without either,
another one is made at each start, and printed. With --words any, each message of ARM and AKS has another of its real wordings.
`;

function readFlags() {
  const { values } = parseArgs({
    allowNegative: true,
    options: {
      listen: { type: 'string', default: '127.0.0.1:0' },
      state: { type: 'string' },
      speed: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
      'node-seconds': { type: 'string', default: '120' },
      'overhead-seconds': { type: 'string', default: '5' },
      'poll-seconds': { type: 'string', default: '10' },
      'journal-limit': { type: 'string', default: '20000' },
      'journal-bodies': { type: 'boolean', default: true },
      throttling: { type: 'boolean', default: true },
      etags: { type: 'boolean', default: true },
      'control-token': { type: 'string', default: process.env['AKS_SIMULATOR_CONTROL_TOKEN'] ?? '' },
      words: { type: 'string', default: 'usual' },
      help: { type: 'boolean', default: false },
    },
  });
  return values;
}

async function run(flags: ReturnType<typeof readFlags>): Promise<void> {
  const [, host = '', port] = /^(.*):(\d+)$/.exec(flags.listen) ?? [];
  if (port === undefined) throw new Error(`--listen wants host:port, not ${flags.listen}`);
  if (flags.words !== 'usual' && flags.words !== 'any') throw new Error(`--words is usual or any, not ${flags.words}`);
  // Before anything is started: a file that is missing or wrong ends the program.
  const scenario = flags.state === undefined ? {} : await readScenario(flags.state);
  const simulator = await startSimulator({
    listen: { ...(host === '' ? {} : { host }), port: Number(port) },
    speed: Number(flags.speed),
    seed: Number(flags.seed),
    nodeSeconds: Number(flags['node-seconds']),
    overheadSeconds: Number(flags['overhead-seconds']),
    pollSeconds: Number(flags['poll-seconds']),
    journalLimit: Number(flags['journal-limit']),
    journalBodies: flags['journal-bodies'],
    throttling: flags.throttling,
    eTags: flags.etags,
    words: flags.words,
    ...(flags['control-token'] === '' ? {} : { controlToken: flags['control-token'] }),
  });
  const over = new AbortController();
  const stop = () => {
    over.abort(new Error('The simulator stops'));
    void simulator.stop();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  try {
    const played = await play(simulator, scenario, flags.state ?? '.', over.signal);
    played.schedule.catch((error: unknown) => {
      if (!over.signal.aborted) console.error(`The schedule ended early: ${messageOf(error)}`);
    });
    console.log(howToConnect(simulator, played.clients[0] ?? simulator.addClient()));
  } catch (error) {
    await simulator.stop();
    if (over.signal.aborted) return;
    throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

try {
  const flags = readFlags();
  if (flags.help) process.stdout.write(USAGE);
  else await run(flags);
} catch (error) {
  console.error(`The simulator does not start: ${messageOf(error)}`);
  process.exitCode = 1;
}
