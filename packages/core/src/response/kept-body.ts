import type { BodyOwner, BodySource } from './body-source.ts';

/** A body that was read into memory, or is being read, while nobody knows yet whether it is wanted. */
export class KeptBody implements BodySource {
  readonly #origin: BodySource;
  readonly #chunks: Promise<readonly Uint8Array[]>;
  #next = 0;

  constructor(origin: BodySource, limit: number) {
    this.#origin = origin;
    this.#chunks = origin.readAll(limit);
    // Whoever reads hears of the failure; it may be that nobody does.
    this.#chunks.catch(unheard);
  }

  /** Settles when the whole body is here, or cannot be. */
  get arrived(): Promise<unknown> {
    return this.#chunks;
  }

  async read(): Promise<Uint8Array | null> {
    if (this.#next === Number.POSITIVE_INFINITY) return null;
    const chunks = await this.#chunks;
    const chunk = chunks[this.#next];
    this.#next += 1;
    return chunk ?? null;
  }

  async readAll(): Promise<readonly Uint8Array[]> {
    if (this.#next === Number.POSITIVE_INFINITY) return [];
    const chunks = await this.#chunks;
    const left = chunks.slice(this.#next);
    this.#next = chunks.length;
    return left;
  }

  cancel(reason?: unknown): void {
    this.#next = Number.POSITIVE_INFINITY;
    this.#origin.cancel(reason);
  }

  whenSettled(owner: BodyOwner): void {
    this.#origin.whenSettled(owner);
  }
}

const unheard = (): void => undefined;
