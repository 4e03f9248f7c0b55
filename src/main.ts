import { Command } from 'commander';
import { VERSION } from './api/version.ts';
import { FLAGS, readConfig, type Flags } from './commands/controller/config.ts';
import { ConfigurationError } from './commands/configuration-error.ts';
import { EXIT_CODE_HELP } from './commands/status/flags.ts';
import { readStatusFlags, STATUS_FLAGS, type StatusFlags } from './commands/status/request.ts';
import { limitHeap } from './runtime/heap.ts';
import { escapeControls } from './runtime/scrub.ts';

limitHeap();

const program = new Command('aks-ca-trust')
  .description('Decides which certificate authorities the nodes of AKS clusters trust.')
  .version(VERSION)
  .showHelpAfterError('(--help shows all flags)');

const controller = program
  .command('controller')
  .description('watch CustomCATrust objects and apply them to AKS clusters');
for (const [flag, help] of Object.values(FLAGS)) controller.option(flag, help);
controller.action(async (flags: Flags) => {
  const reading = readConfig(flags, process.env);
  if (!reading.ok) {
    refuse('The configuration is wrong', reading.faults, 2);
    return;
  }
  // Loaded late, so that help and a wrong configuration cost nothing.
  const { runController } = await import('./commands/controller/command.ts');
  try {
    process.exitCode = await runController(reading.config);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    refuse('The configuration is wrong', [error.message], 2);
  }
});

const status = program
  .command('status')
  .argument('[name]', 'name of a CustomCATrust (default: all objects of the namespace)')
  .description('show how far CustomCATrust objects and their clusters have come')
  .addHelpText('after', EXIT_CODE_HELP);
for (const [flag, help] of Object.values(STATUS_FLAGS)) status.option(flag, help);
status.action(async (name: string | undefined, flags: StatusFlags) => {
  const reading = readStatusFlags(name, flags);
  if (!reading.ok) {
    refuse('The arguments cannot be used', reading.faults, 1);
    return;
  }
  const { runStatus } = await import('./commands/status/command.ts');
  process.exitCode = await runStatus(reading.request);
});

function refuse(problem: string, faults: readonly string[], exitCode: number): void {
  process.stderr.write(`aks-ca-trust: ${problem}:\n${faults.map((fault) => `  - ${fault}\n`).join('')}`);
  process.exitCode = exitCode;
}

const LONGEST_MESSAGE = 8192;

try {
  await program.parseAsync();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  // Part of the message may come from an API server.
  process.stderr.write(`aks-ca-trust: ${escapeControls(message.slice(0, LONGEST_MESSAGE))}\n`);
  process.exitCode = 1;
}
