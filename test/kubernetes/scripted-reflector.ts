import { afterEach, beforeEach } from '@jest/globals';
import { connect, type Connection } from '../../src/kubernetes/client/connection.ts';
import type { KubernetesObject } from '../../src/kubernetes/object.ts';
import type { Change } from '../../src/kubernetes/cache/replica.ts';
import { ManualClock } from '../runtime/manual-clock.ts';
import { type Recording, record } from './recording.ts';
import { type ScriptedServer, startScriptedServer, type Step } from './scripted-server.ts';
import { noStreams } from './things.ts';

/** A reflector that watches a scripted server, by a clock that stands still; anew for each test of the file. */
export class ScriptedReflector {
  clock!: ManualClock;
  server!: ScriptedServer;
  recording!: Recording<KubernetesObject>;
  /** Set before {@link against}: called for each change, too. */
  onChange: (change: Change<KubernetesObject>) => void = () => {};
  readonly #streams: boolean;
  #connection!: Connection;

  /** @param server `pages`: one that refuses the streaming list that it is asked for first */
  constructor(server: 'streams' | 'pages') {
    this.#streams = server === 'streams';
    beforeEach(() => {
      this.clock = new ManualClock();
      this.onChange = () => {};
    });
    afterEach(async () => {
      await this.recording.stop();
      await this.#connection.close();
      await this.server.stop();
    });
  }

  async against(...steps: Step[]): Promise<void> {
    this.server = await startScriptedServer(...(this.#streams ? [] : [noStreams]), ...steps);
    this.#connection = connect({ server: this.server.url });
    this.recording = record({
      connection: this.#connection,
      path: '/things',
      clock: this.clock,
      onChange: this.onChange,
    });
  }

  /** Lets the pause that is made pass; `isPause` tells it from the timers that end dead watches. */
  async nextPause(isPause: (ms: number) => boolean): Promise<number> {
    const ms = await this.clock.untilTimer(isPause);
    await this.clock.advance(ms);
    return ms;
  }
}
