import { describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { eventually } from '../../eventually.ts';
import { startGuarded } from '../../../simulator/programs/guarded-process.ts';

/** A shell that says its process id, and stays. */
const STAYS = ['-c', 'echo $$; exec sleep 600'];

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('a guarded process', () => {
  it('is gone when stop() has resolved', async () => {
    const guarded = startGuarded('/bin/sh', STAYS, process.env);
    const pid = Number(await eventually(async () => guarded.output() || undefined));
    expect(isAlive(pid)).toBe(true);
    await guarded.stop();
    expect(isAlive(pid)).toBe(false);
  });

  it('ends when the process that started it is killed', async () => {
    const module = new URL('../../../simulator/programs/guarded-process.ts', import.meta.url).href;
    const script = `
      const { startGuarded } = await import(${JSON.stringify(module)});
      const guarded = startGuarded('/bin/sh', ${JSON.stringify(STAYS)}, process.env);
      const timer = setInterval(() => guarded.output() && console.log(guarded.output().trim(), clearInterval(timer)), 10);
    `;
    const starter = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(createInterface(starter.stdout), 'line')) as [string];
    const pid = Number.parseInt(line, 10);
    expect(isAlive(pid)).toBe(true);
    starter.kill('SIGKILL');
    await eventually(async () => !isAlive(pid) || undefined);
  });

  it('that ends by itself says so, and what it wrote', async () => {
    const guarded = startGuarded('/bin/sh', ['-c', 'echo no such flag >&2; exit 1'], process.env);
    await guarded.exited;
    expect(guarded.output()).toBe('no such flag\n');
    await guarded.stop();
  });
});
