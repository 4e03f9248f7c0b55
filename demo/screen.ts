/** The output for the person at the terminal. Every line of the demo's own begins with the seconds since its start. */
export interface Screen {
  /** A step begins; steps are numbered. */
  headline: (text: string) => void;
  /** How it ended. */
  outcome: (text: string) => void;
  say: (text: string) => void;
  /** Output of a program, as it is. */
  quote: (text: string) => void;
  /** Prints the expected and the found outcome. */
  verdict: (passed: boolean, expected: string, found: string) => void;
  /** Seconds since the start. */
  elapsed: () => number;
}

/** `write` takes whole lines; `now` is in ms. */
export function createScreen(write: (line: string) => void, now: () => number): Screen {
  const start = now();
  const elapsed = () => (now() - start) / 1000;
  const line = (text: string) => write(`${elapsed().toFixed(1).padStart(6)}s  ${text}`);
  let steps = 0;
  return {
    headline(text) {
      steps++;
      write('');
      line(`${steps}. ${text}`);
    },
    outcome(text) {
      write('');
      line(text);
    },
    say: (text) => line(`   ${text}`),
    quote(text) {
      for (const part of text.trimEnd().split('\n')) write(`           ${part}`.trimEnd());
    },
    verdict: (passed, expected, found) => line(` ${passed ? '✓' : '✗'} ${expected} (${found})`),
    elapsed,
  };
}
