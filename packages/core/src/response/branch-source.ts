import type { BodyOwner, BodySource } from './body-source.ts';
import { readAllOf } from './read-all.ts';

/** One of two readers of a body, after `clone()`. Giving it up leaves the other one alone. */
export class BranchSource implements BodySource {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #whole: BodySource;
  readonly #tooLarge: (limit: number) => Error;

  constructor(branch: ReadableStream<Uint8Array>, whole: BodySource, tooLarge: (limit: number) => Error) {
    this.#reader = branch.getReader();
    this.#whole = whole;
    this.#tooLarge = tooLarge;
  }

  async read(): Promise<Uint8Array | null> {
    const { done, value } = await this.#reader.read();
    return done ? null : value;
  }

  readAll(limit: number): Promise<readonly Uint8Array[]> {
    return readAllOf(this, limit, this.#tooLarge);
  }

  cancel(reason?: unknown): void {
    // Settles only when the other branch is given up, too; a body that broke rejects here what its reader was told.
    this.#reader.cancel(reason).catch(ignored);
  }

  /** The message has arrived when the whole body has. */
  whenSettled(owner: BodyOwner): void {
    this.#whole.whenSettled(owner);
  }
}

const ignored = (): void => undefined;
