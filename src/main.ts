import { Command } from 'commander';
import { VERSION } from './api/version.ts';
import { FLAGS, readConfig, type Flags } from './commands/controller/config.ts';
import { ConfigurationError } from './commands/configuration-error.ts';
import { ALL_CONVERT_FLAGS, CONVERT_HELP, type ConvertFlags } from './commands/convert/flags.ts';
import { readConvertFlags } from './commands/convert/request.ts';
import type { FlagTable } from './commands/client/flags.ts';
import { ALL_CERTS_FLAGS, CERTS_HELP, type CertsFlags } from './commands/certs/flags.ts';
import { readCertsFlags } from './commands/certs/request.ts';
import { ALL_CHECK_FLAGS, CHECK_HELP, type CheckFlags } from './commands/check/flags.ts';
import { readCheckFlags } from './commands/check/request.ts';
import { EDIT_EXIT_CODES, EDIT_FLAGS, WAIT_FLAGS, type EditFlags } from './commands/edit/flags.ts';
import { readEditFlags, type Edit } from './commands/edit/request.ts';
import { EXIT } from './commands/exit-codes.ts';
import { LINT_FLAGS, LINT_HELP, type LintFlags } from './commands/lint/flags.ts';
import { readLintFlags } from './commands/lint/request.ts';
import { EXIT_CODE_HELP } from './commands/status/flags.ts';
import { readStatusFlags, STATUS_FLAGS, type StatusFlags } from './commands/status/request.ts';
import { VERSION_EXIT_CODES, VERSION_FLAGS, type VersionFlags } from './commands/version/flags.ts';
import { readVersionFlags } from './commands/version/request.ts';
import { limitHeap } from './runtime/heap.ts';
import { escapeControls } from './runtime/scrub.ts';

limitHeap();

const program = new Command('aks-ca-trust')
  .description('Decides which certificate authorities the nodes of AKS clusters trust.')
  .version(VERSION)
  .showHelpAfterError('(--help shows all flags)');

/** What each command runs is loaded late, so that help and wrong arguments cost nothing. */
function command(name: string, description: string, flags: FlagTable, exitCodes = ''): Command {
  const made = program.command(name).description(description).addHelpText('after', exitCodes);
  for (const [flag, help] of Object.values(flags)) made.option(flag, help);
  return made;
}

command('controller', 'watch CustomCATrust objects and apply them to AKS clusters', FLAGS).action(
  async (flags: Flags) => {
    const reading = readConfig(flags, process.env);
    if (!reading.ok) {
      refuse('The configuration is wrong', reading.faults, 2);
      return;
    }
    const { runController } = await import('./commands/controller/command.ts');
    try {
      process.exitCode = await runController(reading.config);
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      refuse('The configuration is wrong', [error.message], 2);
    }
  },
);

command('status', 'show how far objects and their clusters have come', STATUS_FLAGS, EXIT_CODE_HELP)
  .argument(
    '[name]',
    'name of a CustomCATrust, or crot/<name> for a CertificateRotation (default: all objects of the namespace)',
  )
  .action(async (name: string | undefined, flags: StatusFlags) => {
    const request = usable(readStatusFlags(name, flags));
    if (!request) return;
    const { runStatus } = await import('./commands/status/command.ts');
    process.exitCode = await runStatus(request);
  });

const EDITS: readonly (readonly [edit: Edit, description: string, flags: FlagTable])[] = [
  ['Reconcile', 'request a fresh read of an object and its cluster, which ends stalled states', WAIT_FLAGS],
  ['Suspend', 'pause an object: its certificates in the cluster stay as they are', EDIT_FLAGS],
  ['Resume', 'end the pause of an object', WAIT_FLAGS],
];
for (const [edit, description, flags] of EDITS)
  command(edit.toLowerCase(), description, flags, EDIT_EXIT_CODES)
    .argument('<name>', 'name of a CustomCATrust, or crot/<name> for a CertificateRotation')
    .action(async (name: string, typed: EditFlags) => {
      const request = usable(readEditFlags(edit, name, typed));
      if (!request) return;
      const { runEdit } = await import('./commands/edit/command.ts');
      process.exitCode = await runEdit(request);
    });

command('check', 'check an installation from end to end, without any change', ALL_CHECK_FLAGS, CHECK_HELP).action(
  async (flags: CheckFlags) => {
    const request = usable(readCheckFlags(flags, process.env));
    if (!request) return;
    const { runCheck } = await import('./commands/check/command.ts');
    process.exitCode = await runCheck(request);
  },
);

command(
  'certs',
  'show the certificates that a cluster has for itself, and when they expire',
  ALL_CERTS_FLAGS,
  CERTS_HELP,
)
  .argument('[target]', 'resource id of a cluster, or name of a CertificateRotation')
  .action(async (target: string | undefined, flags: CertsFlags) => {
    const request = usable(readCertsFlags(target, flags, process.env));
    if (!request) return;
    const { runCerts } = await import('./commands/certs/command.ts');
    process.exitCode = await runCerts(request);
  });

command('lint', 'check files with certificates and manifests, without a cluster', LINT_FLAGS, LINT_HELP)
  .argument('<path...>', 'files and folders; - is standard input')
  .action(async (paths: readonly string[], flags: LintFlags) => {
    const request = usable(readLintFlags(paths, flags, process.env));
    if (!request) return;
    const { runLint } = await import('./commands/lint/command.ts');
    process.exitCode = await runLint(request);
  });

command('convert', 'write certificates in another form, from files or from a cluster', ALL_CONVERT_FLAGS, CONVERT_HELP)
  .argument('[path...]', 'files and folders; - is standard input')
  .action(async (paths: readonly string[], flags: ConvertFlags) => {
    const request = usable(readConvertFlags(paths, flags, process.env));
    if (!request) return;
    const { runConvert } = await import('./commands/convert/command.ts');
    process.exitCode = await runConvert(request);
  });

command(
  'version',
  'print the versions of this program, the controller and the CRDs',
  VERSION_FLAGS,
  VERSION_EXIT_CODES,
).action(async (flags: VersionFlags) => {
  const request = usable(readVersionFlags(flags));
  if (!request) return;
  const { runVersion } = await import('./commands/version/command.ts');
  process.exitCode = await runVersion(request);
});

type Reading<T> =
  { readonly ok: true; readonly request: T } | { readonly ok: false; readonly faults: readonly string[] };

function usable<T>(reading: Reading<T>): T | undefined {
  if (reading.ok) return reading.request;
  refuse('The arguments cannot be used', reading.faults, EXIT.Error);
  return undefined;
}

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
  process.exitCode = EXIT.Error;
}
