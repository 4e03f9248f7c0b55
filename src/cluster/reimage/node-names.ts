/**
 * Compares two node names of one pool. AKS numbers a pool's machines in the order in which they are made, and the number ends the
 * name. So the longer name is later, and of two with the same length the one that sorts later.
 */
export function isLaterName(name: string, than: string): boolean {
  return name.length === than.length ? name > than : name.length > than.length;
}

/**
 * Packs names into one text: their common prefix, a blank, and the rests of the first and last name of each run of numbers, such as
 * `aks-a-1-vmss00000 0..3 7`. A thousand names take at most some thousands of characters. Empty for no names.
 */
export function packNames(names: readonly string[]): string {
  const sorted = [...new Set(names)].sort((a, b) => (isLaterName(a, b) ? 1 : -1));
  const [first = ''] = sorted;
  // The first name is the shortest. At least its last character is not shared, so that no rest is empty.
  let common = Math.max(0, first.length - 1);
  for (const name of sorted) while (!name.startsWith(first.slice(0, common))) common -= 1;
  const runs: [first: string, last: string][] = [];
  for (const name of sorted) {
    const run = runs.at(-1);
    if (run && successorOf(run[1]) === name) run[1] = name;
    else runs.push([name, name]);
  }
  const rests = runs.map(([from, to]) => [from, to].map((name) => name.slice(common)));
  return [first.slice(0, common), ...rests.map(([from = '', to = '']) => (from === to ? from : `${from}..${to}`))].join(
    ' ',
  );
}

/** A test for the names that {@link packNames} packed into the text. */
export function readNames(text: string): (name: string) => boolean {
  const [common = '', ...rests] = text.split(' ');
  const runs = rests
    .filter((rest) => rest !== '')
    .map((rest) => {
      const [from = '', to = from] = rest.split('..');
      return { from: common + from, to: common + to };
    });
  return (name) => {
    // Runs are sorted: only the last run that begins at or before the name can contain it.
    let [low, high] = [0, runs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isLaterName(runs[middle]!.from, name)) high = middle;
      else low = middle + 1;
    }
    const run = runs[low - 1];
    return run !== undefined && !isLaterName(name, run.to);
  };
}

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyz';

/** The next name in the base 36 numbering of a scale set's machines; undefined where the name ends in no number, or in the last one. */
function successorOf(name: string): string | undefined {
  for (let index = name.length - 1; index >= 0; index -= 1) {
    const digit = DIGITS.indexOf(name[index]!);
    if (digit === -1) return undefined;
    const rest = '0'.repeat(name.length - index - 1);
    if (digit < DIGITS.length - 1) return name.slice(0, index) + DIGITS[digit + 1]! + rest;
  }
  return undefined;
}
