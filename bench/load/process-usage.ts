import { readdirSync, readFileSync } from 'node:fs';

/** What a process has taken, from /proc. */
export interface Usage {
  /** Seconds of CPU since its start, in steps of 10 ms. */
  readonly cpu: number;
  /** Memory in RAM, in MiB: now, and at its most. */
  readonly rss: number;
  readonly peakRss: number;
}

/** USER_HZ, which is 100 on every Linux. man 5 proc_pid_stat */
const TICKS_PER_SECOND = 100;

/** Throws when the process is gone. */
export function usageOf(pid: number): Usage {
  const [utime = 0, stime = 0] = statFields(pid).slice(11, 13).map(Number);
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const mebibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { cpu: (utime + stime) / TICKS_PER_SECOND, rss: mebibytes('VmRSS'), peakRss: mebibytes('VmHWM') };
}

/** Processes that `parent` has started and that run, by the first 15 characters of their program's name. */
export function childrenOf(parent: number): Map<string, number> {
  const children = new Map<string, number>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    try {
      if (Number(statFields(pid)[1]) === parent) children.set(readFileSync(`/proc/${pid}/comm`, 'latin1').trim(), pid);
    } catch {
      // It has ended since the folder was read.
    }
  }
  return children;
}

/** The fields after the program's name, which may hold blanks and parentheses. */
function statFields(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
