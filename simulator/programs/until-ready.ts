import { realSleep } from '../clock.ts';
import type { GuardedProcess } from './guarded-process.ts';

const START_TIMEOUT_MS = 120_000;
const POLL_MS = 100;

/** Asks until a program says that it is ready. Throws, with what it wrote, when it ends before or takes two minutes. */
export async function untilReady(
  name: string,
  program: GuardedProcess,
  isReady: () => Promise<boolean>,
): Promise<void> {
  const end = Date.now() + START_TIMEOUT_MS;
  let over = false;
  void program.exited.then(() => (over = true));
  // Until it listens, there is no answer.
  while (!(await isReady().catch(() => false))) {
    if (over || Date.now() > end) {
      await program.stop();
      throw new Error(`${name} does not answer:\n${program.output()}`);
    }
    await realSleep(POLL_MS);
  }
}
