import { sentences } from '../../../../api/sentences.ts';
import { failed, passed, type PreflightCheck } from './check.ts';
import { READ_AGAIN, whyUnread } from './nodes-unknown.ts';

/** The most by which our clock and another one may differ, in ms: certificates are valid from some minutes before they are made. */
const APART = 5 * 60_000;

/** The beginning of a sentence that says how far our clock and that one are apart; undefined where they agree. */
export function clockTrouble({ whose, aheadMs }: { whose: string; aheadMs: number }): string | undefined {
  if (Math.abs(aheadMs) <= APART) return undefined;
  const minutes = Math.round(Math.abs(aheadMs) / 60_000);
  return `The controller's clock is ${minutes} minutes ${aheadMs < 0 ? 'ahead of' : 'behind'} that of ${whose}`;
}

/** All dates of certificates are judged by our clock. */
export const clockSane: PreflightCheck = {
  name: 'ClockSane',
  check(input) {
    const { nodes, armAheadMs, now } = input;
    const { serverTime } = nodes.kind === 'Read' ? nodes : {};
    const clocks = [
      ...(armAheadMs === undefined ? [] : [{ whose: 'ARM', aheadMs: armAheadMs }]),
      ...(serverTime === undefined ? [] : [{ whose: 'the API server', aheadMs: serverTime - now }]),
    ];
    if (clocks.length === 0)
      return failed(
        sentences(
          "The controller's clock cannot be compared: ARM's answer has no time, and the clock of the API server was not read",
          whyUnread(input),
          READ_AGAIN,
        ),
      );
    const wrong = clocks.find((clock) => clockTrouble(clock) !== undefined);
    if (!wrong) {
      const whose = clocks.map((clock) => `that of ${clock.whose}`).join(' and ');
      return passed(`The controller's clock agrees with ${whose}.`);
    }
    return failed(
      `${clockTrouble(wrong)}, so it cannot tell which certificates are valid. Correct the clock that is wrong.`,
    );
  },
};
