/** Leaves a heap in pieces, as a burst of reconciles does, collects it, and prints the memory in RAM before and after, in MiB. */
import { collector, limitHeap } from '../../src/runtime/heap.ts';

limitHeap();
const collect = collector();
const text = JSON.stringify(
  Array.from({ length: 300 }, (_, index) => ({ index, text: `${'text '.repeat(8)}${index}` })),
);
const kept: unknown[] = [];
for (let n = 0; n < 6000; n++) {
  kept.push((JSON.parse(text) as object[]).slice(0, 60));
  // Of the objects that got old, two in three go.
  if (n % 3 > 0) kept[Math.floor(n * 0.9)] = undefined;
}
const rss = () => process.memoryUsage().rss / 2 ** 20;
const before = rss();
collect();
process.stdout.write(JSON.stringify({ before, after: rss(), kept: kept.length }));
