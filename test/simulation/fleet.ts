import { Process } from './process.ts';
import type { World } from './world.ts';

/** Our processes: what ends is started again, with empty memory. */
export class Fleet {
  readonly elected: boolean;
  processes: Process[] = [];
  #lives = 0;
  #over = false;
  readonly #world: World;

  readonly #letter: string;

  constructor(world: World, count: number, elected: boolean, letter = 'p') {
    this.#world = world;
    this.#letter = letter;
    this.elected = elected;
    for (let place = 0; place < count; place++) this.#start(place, world.random.between(0, 3000));
  }

  any(): Process | undefined {
    const alive = this.processes.filter((process) => process.alive);
    return alive.length === 0 ? undefined : this.#world.random.pick(alive);
  }

  /**
   * Ends them for good, and closes what they had open. A signal that is made of others lives for as long as somebody listens to it,
   * and with it the whole world of a history.
   */
  end(): void {
    this.#over = true;
    for (const process of this.processes) process.crash('the history is over');
  }

  /** From now on one process is enough; what is left of the others ends. */
  calm(): void {
    const [first, ...others] = this.processes.filter(({ alive }) => alive);
    if (!first) return;
    for (const process of others) {
      process.onEnd = () => {};
      process.stop();
    }
  }

  #start(place: number, delay: number): void {
    const world = this.#world;
    if (this.#over) return;
    world.scheduler.after(delay, () => {
      this.#lives += 1;
      const offset = world.clockStepped ? world.random.between(-5000, 5000) : world.random.between(-200, 200);
      const process = new Process(world, `${this.#letter}${this.#lives}`, offset);
      this.processes = [...this.processes.filter((one) => one.alive), process];
      process.onEnd = () => this.#start(place, world.random.between(500, 15_000));
      world.note(`${process.name} starts`);
      world.scheduler.after(0, () => process.boot(this.elected), process);
    });
  }
}
