import { setFlagsFromString } from 'node:v8';
import { Command } from 'commander';
import { FLAGS, readConfig, type Flags } from './commands/config.ts';

// What a burst leaves behind would otherwise stay with a controller that is at rest for most of its life: the young generation
// grows to 48 MB, the old one to several times of what is in it. It costs some CPU under load (docs/performance.md).
setFlagsFromString('--semi-space-growth-factor=1');
setFlagsFromString('--heap-growing-percent=30');

const program = new Command('aks-ca-trust')
  .description('Decides which certificate authorities the nodes of AKS clusters trust.')
  .showHelpAfterError();

const controller = program.command('controller').description('watch CustomCATrust objects and see them through');
for (const [flag, help] of Object.values(FLAGS)) controller.option(flag, help);
controller.action(async (flags: Flags) => {
  const reading = readConfig(flags, process.env);
  if (!reading.ok) {
    process.stderr.write(
      `aks-ca-trust: the configuration is wrong:\n${reading.faults.map((fault) => `  - ${fault}\n`).join('')}`,
    );
    process.exitCode = 2;
    return;
  }
  // Loaded late, so that help and a wrong configuration cost nothing.
  const { runController } = await import('./commands/controller.ts');
  process.exitCode = await runController(reading.config);
});

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`aks-ca-trust: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
