/** Lines that come one by one, to one reader. */
export class Lines implements AsyncIterableIterator<string> {
  readonly #waiting: string[] = [];
  #reader: { resolve(result: IteratorResult<string>): void; reject(error: Error): void } | undefined;
  #ended = false;
  #error: Error | undefined;

  push(line: string): void {
    if (this.#reader) {
      this.#reader.resolve({ value: line, done: false });
      this.#reader = undefined;
    } else this.#waiting.push(line);
  }

  end(error?: Error): void {
    this.#ended = true;
    this.#error = error;
    if (!this.#reader) return;
    const reader = this.#reader;
    this.#reader = undefined;
    if (error) reader.reject(error);
    else reader.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<string>> {
    const line = this.#waiting.shift();
    if (line !== undefined) return Promise.resolve({ value: line, done: false });
    if (this.#ended)
      return this.#error ? Promise.reject(this.#error) : Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<string>> {
    this.#ended = true;
    return Promise.resolve({ value: undefined, done: true });
  }
}
