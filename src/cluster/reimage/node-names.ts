/**
 * Node names of one pool. Machines of a pool are numbered in the order in which they are made, and the number ends the name: a
 * longer name is a later one, and of two as long the one that sorts later.
 */
export function isLaterName(name: string, than: string): boolean {
  return name.length === than.length ? name > than : name.length > than.length;
}

/**
 * Names in one text: what they have in common, a blank, and the first and last of each run of numbers without what they have in
 * common; `aks-a-1-vmss00000 0..3 7`. A thousand names are at most some thousands of characters. Empty for no names.
 */
export function packNames(names: readonly string[]): string {
  const sorted = [...new Set(names)].sort((a, b) => (isLaterName(a, b) ? 1 : -1));
  const [first = ''] = sorted;
  // Of each name something is left to tell it by; the first one is the shortest.
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

/** True for each name that {@link packNames} made the text of. */
export function readNames(text: string): (name: string) => boolean {
  const [common = '', ...rests] = text.split(' ');
  const runs = rests
    .filter((rest) => rest !== '')
    .map((rest) => {
      const [from = '', to = from] = rest.split('..');
      return { from: common + from, to: common + to };
    });
  return (name) => {
    // Runs are in order: the one that may hold it is the last that does not begin after it.
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

/** The next name as AKS numbers the machines of a scale set, in base 36; undefined where the name ends in no number, or in its last. */
function successorOf(name: string): string | undefined {
  for (let place = name.length - 1; place >= 0; place -= 1) {
    const digit = DIGITS.indexOf(name[place]!);
    if (digit === -1) return undefined;
    const rest = '0'.repeat(name.length - place - 1);
    if (digit < DIGITS.length - 1) return name.slice(0, place) + DIGITS[digit + 1]! + rest;
  }
  return undefined;
}
