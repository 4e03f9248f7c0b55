import { failed, passed, type Finding } from './finding.ts';

/** A larger difference is reported, in ms: an HTTP date has whole seconds, and an answer takes time to arrive. */
const MOST_MS = 30_000;

/** Compares the clock here with that of a server, by the date of its last answer in ms; nothing without one. */
export function clockFinding(of: string, serverTime: number | undefined, now: number): Finding[] {
  if (serverTime === undefined) return [];
  const check = `Clock, ${of}`;
  const seconds = Math.round(Math.abs(serverTime - now) / 1000);
  if (Math.abs(serverTime - now) <= MOST_MS) return [passed(check, `It differs by ${seconds} s.`)];
  const side = serverTime > now ? 'behind' : 'ahead of';
  return [
    failed(
      check,
      `The clock here is ${seconds} s ${side} that of the server. Certificates, tokens and waits are judged by it.`,
      'Synchronize the clock of this machine or node (NTP).',
    ),
  ];
}
