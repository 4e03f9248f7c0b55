import { parseArgs } from 'node:util';
import { play, readScenario } from './control/scenario.ts';
import { howToConnect } from './control/how-to-connect.ts';
import { startSimulator } from './simulator.ts';

const USAGE = `Simulates Azure sign-in, ARM and the AKS resource provider.

  node simulator/main.ts [--listen 127.0.0.1:0] [--state scenario.yaml] [--speed 60] [--seed 1] [--node-seconds 120]
    [--overhead-seconds 5] [--poll-seconds 10] [--no-throttling] [--no-etags] [--journal-limit 20000] [--no-journal-bodies]
`;

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
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(USAGE);
} else {
  const [, host = '', port] = /^(.*):(\d+)$/.exec(values.listen) ?? [];
  if (port === undefined) throw new Error(`--listen wants host:port, not ${values.listen}`);
  const simulator = await startSimulator({
    listen: { ...(host === '' ? {} : { host }), port: Number(port) },
    speed: Number(values.speed),
    seed: Number(values.seed),
    nodeSeconds: Number(values['node-seconds']),
    overheadSeconds: Number(values['overhead-seconds']),
    pollSeconds: Number(values['poll-seconds']),
    journalLimit: Number(values['journal-limit']),
    journalBodies: values['journal-bodies'],
    throttling: values.throttling,
    eTags: values.etags,
  });
  const over = new AbortController();
  const scenario = values.state === undefined ? {} : await readScenario(values.state);
  const played = await play(simulator, scenario, values.state ?? '.', over.signal);
  played.schedule.catch((error: unknown) => {
    if (!over.signal.aborted)
      console.error('The schedule ended early:', error instanceof Error ? error.message : error);
  });
  console.log(howToConnect(simulator, played.clients[0] ?? simulator.addClient()));
  const stop = () => {
    over.abort(new Error('The simulator stops'));
    void simulator.stop();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}
