/** Writes docs/reference/flags.md from the commands as src/main.ts builds them. */
import { Command } from 'commander';
import { tableOf, writePage } from './pages.ts';

const built: Command[] = [];
/** main.ts ends by parsing the arguments of its process; here it ends with the program that would have parsed them. */
Command.prototype.parseAsync = function keep(this: Command) {
  built.push(this);
  return Promise.resolve(this);
};
await import('../src/main.ts');
const [program] = built;
if (!program) throw new Error('src/main.ts has built no program');

const cell = (text: string) => text.replaceAll('<', '&lt;');

function sectionOf(command: Command): string {
  const help = command.createHelp();
  const heading = `## ${command.name()}`;
  const usage = `\`\`\`text\n${program!.name()} ${command.name()} ${command.usage()}\n\`\`\``;
  const described = command.description();
  const args = help.visibleArguments(command).map((argument) => [help.argumentTerm(argument), argument.description]);
  const flags = help
    .visibleOptions(command)
    .filter(({ long }) => long !== '--help')
    .map((option) => [option.flags, option.description]);
  const rows = [...args, ...flags].map(([term = '', meaning = '']) => [`\`${term}\``, cell(meaning)]);
  const table = rows.length > 0 ? [tableOf(['flag', 'meaning'], rows)] : [];
  return [heading, `${described[0]?.toUpperCase() ?? ''}${described.slice(1)}.`, usage, ...table].join('\n\n');
}

const page = `# Commands and flags

<!-- Generated from src/commands: make generate -->

Flags of \`controller\` are arguments of its container. A duration is a number with \`ms\`, \`s\`, \`m\` or \`h\`. The client secret of the credential \`ClientSecret\` comes from \`AZURE_CLIENT_SECRET\` only. The credential \`AzureCLI\` needs the Azure CLI, which the image does not have: use it for a controller on your own machine.

${program.commands
  .filter((command) => command.name() !== 'help')
  .map(sectionOf)
  .join('\n\n')}
`;
await writePage('flags', page);
