import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { canRender } from '../deploy/kustomize.ts';
import { toolPath } from '../go-tools/find.ts';
import { CANNOT_RUN, exceptionFor } from './cannot-run.ts';
import { commandsOf, pages, textOf, type Command } from './commands.ts';
import { RUN_ELSEWHERE, RUNS, type PageRun } from './runs.ts';
import { startWorld, type World } from './world.ts';

const all = pages().flatMap(commandsOf);
const toRun = all.filter(({ page, text }) => !(page in RUN_ELSEWHERE) && !exceptionFor(text));
/** Pages of one folder may be one run, named by the folder. */
const runOf = ({ page }: Command) =>
  Object.keys(RUNS).find((name) => (name.endsWith('/') ? page.startsWith(name) : page === name));
const at = ({ page, line, text }: Command) => `${page}:${line} ${text}`;

describe('the commands of README.md and docs/', () => {
  it('are on pages that run here, but for those in the list of what cannot run', () => {
    expect(toRun.filter((command) => runOf(command) === undefined).map(at)).toEqual([]);
  });

  it('need each entry of that list', () => {
    expect(CANNOT_RUN.filter((entry) => !all.some(({ text }) => exceptionFor(text) === entry))).toEqual([]);
  });

  it('of a page that another test runs are read by that test from the page', () => {
    for (const [page, test] of Object.entries(RUN_ELSEWHERE)) {
      expect(commandsOf(page)).not.toEqual([]);
      expect(textOf(test)).toContain(page);
    }
  });

  it('need each run of a page, and all that it prepares', () => {
    const unused = Object.entries(RUNS).flatMap(([page, { fill = {}, options = {}, steps = {}, prints = {} }]) => {
      const texts = toRun.filter((command) => runOf(command) === page).map(({ text }) => text);
      return [
        ...(texts.length === 0 ? [page] : []),
        ...Object.keys(fill).filter((placeholder) => !texts.some((text) => text.includes(placeholder))),
        ...Object.keys({ ...options, ...steps, ...prints }).filter(
          (begins) => !texts.some((text) => text.startsWith(begins)),
        ),
      ];
    });
    expect(unused).toEqual([]);
  });
});

(canRender() ? describe : describe.skip)('each page, command after command, as a person types them', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  }, 120_000);
  afterAll(() => world?.stop());

  const runnable = (command: Command) => toolPath('helm') !== undefined || !command.text.startsWith('helm ');
  it.each(Object.entries(RUNS))(
    '%s',
    async (page, run) => {
      await run.before?.(world);
      for (const command of commandsIn(page)) if (runnable(command)) await runOne(command, run);
      await run.after?.(world);
    },
    180_000,
  );

  /** In a folder, pages begin with the same commands: each runs once. */
  function commandsIn(run: string): readonly Command[] {
    const commands = toRun.filter((command) => runOf(command) === run);
    return run.endsWith('/') ? [...new Map(commands.map((command) => [command.text, command])).values()] : commands;
  }

  async function runOne(
    { text }: Command,
    { fill = {}, options = {}, steps = {}, prints = {} }: PageRun,
  ): Promise<void> {
    const begun = <T>(table: Readonly<Record<string, T>>) =>
      Object.entries(table).find(([begins]) => text.startsWith(begins))?.[1];
    await begun(steps)?.(world);
    const command = Object.entries(fill).reduce((filled, [name, value]) => filled.replaceAll(name, value), text);
    const printed = await world.run(command, { onEmpty: text.startsWith('helm '), ...begun(options) });
    expect(printed).toMatch(begun(prints) ?? '');
  }
});
