import type { BodyOwner, BodySource } from './body-source.ts';

/** A body that was read into memory, or is being read, while nobody knows yet whether it is wanted. */
export class KeptBody implements BodySource {
  readonly #origin: BodySource;
  readonly #chunks: Promise<readonly Uint8Array[]>;
  #left: readonly Uint8Array[] | null = null;

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
    const [first, ...rest] = this.#left ?? (await this.#chunks);
    this.#left = rest;
    return first ?? null;
  }

  async readAll(): Promise<readonly Uint8Array[]> {
    const left = this.#left ?? (await this.#chunks);
    this.#left = [];
    return left;
  }

  cancel(reason?: unknown): void {
    this.#left = [];
    this.#origin.cancel(reason);
  }

  whenSettled(owner: BodyOwner): void {
    this.#origin.whenSettled(owner);
  }
}

const unheard = (): void => undefined;
