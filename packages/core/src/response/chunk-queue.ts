import { Deferred } from '../deferred.ts';
import type { BodyOwner, BodySource } from './body-source.ts';

/** The producing side of a {@link ChunkQueue}: a socket that can be paused, resumed and given up. */
export interface Producer {
  /** Somebody waits for bytes: from now on the idle limit runs, until `push` returns and nobody waits any more. */
  awaited(): void;
  /** There is room again after `push` has returned false. May push at once. */
  resume(): void;
  /** The consumer went away: stop and free the connection. */
  abandon(reason: unknown): void;
  /** More than the consumer's limit arrived. */
  tooLarge(limit: number): Error;
}

class ChunkWaiter extends Deferred<Uint8Array | null> {
  readonly kind = 'chunk';
}

class WholeWaiter extends Deferred<readonly Uint8Array[]> {
  readonly kind = 'all';
}

const highWaterMark = 64 * 1024;

/**
 * A body that a transport pushes into and a response pulls from, without a stream in between.
 *
 * Pauses its producer while 64 KiB wait unread.
 */
export class ChunkQueue implements BodySource {
  readonly handsOver = true;
  readonly #producer: Producer;
  #chunks: Uint8Array[] = [];
  #buffered = 0;
  #limit = Number.POSITIVE_INFINITY;
  #end: { readonly error: unknown } | 'complete' | null = null;
  #waiter: ChunkWaiter | WholeWaiter | null = null;
  #paused = false;
  #owner: BodyOwner | null = null;

  constructor(producer: Producer) {
    this.#producer = producer;
  }

  whenSettled(owner: BodyOwner): void {
    if (this.#end !== null) owner.bodySettled();
    else this.#owner = this.#owner === null ? owner : new BothOwners(this.#owner, owner);
  }

  /** Whether somebody waits for bytes. */
  get isAwaited(): boolean {
    return this.#waiter !== null;
  }

  /** Takes bytes from the producer, for good where they are a whole buffer; false asks it to pause until `resume()`. */
  push(chunk: Uint8Array): boolean {
    if (this.#end !== null || chunk.byteLength === 0) return true;
    const waiter = this.#waiter;
    if (waiter?.kind === 'chunk') {
      this.#waiter = null;
      waiter.resolve(chunk);
      return true;
    }
    this.#chunks.push(chunk);
    this.#buffered += chunk.byteLength;
    if (waiter?.kind === 'all') {
      if (this.#buffered > this.#limit) this.#overflow();
      return true;
    }
    this.#paused = this.#buffered >= highWaterMark;
    return !this.#paused;
  }

  /** The body is complete. */
  end(): void {
    if (this.#end !== null) return;
    this.#end = 'complete';
    const waiter = this.#takeWaiter();
    if (waiter?.kind === 'all') waiter.resolve(this.#takeAll());
    else if (waiter?.kind === 'chunk') waiter.resolve(null);
    this.#settle();
  }

  /** The body broke. What arrived before stays readable chunk by chunk, then `error` is thrown. */
  fail(error: unknown): void {
    if (this.#end !== null) return;
    this.#end = { error };
    this.#takeWaiter()?.reject(error);
    this.#settle();
  }

  read(): Uint8Array | null | Promise<Uint8Array | null> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#buffered -= chunk.byteLength;
      if (this.#paused && this.#buffered < highWaterMark / 2) this.#resume();
      return chunk;
    }
    if (this.#end === 'complete') return null;
    if (this.#end !== null) return Promise.reject(this.#end.error);
    return this.#wait(new ChunkWaiter()).promise;
  }

  readAll(limit: number): Promise<readonly Uint8Array[]> {
    this.#limit = limit;
    // Also what has arrived as a whole before anybody asked.
    if (this.#buffered > limit) this.#overflow();
    if (this.#end === 'complete') return Promise.resolve(this.#takeAll());
    if (this.#end !== null) return Promise.reject(this.#end.error);
    const waiter = this.#wait(new WholeWaiter());
    if (this.#paused) this.#resume();
    return waiter.promise;
  }

  cancel(reason?: unknown): void {
    this.#chunks = [];
    this.#buffered = 0;
    if (this.#end !== null) return;
    this.#end = 'complete';
    const waiter = this.#takeWaiter();
    if (waiter?.kind === 'chunk') waiter.resolve(null);
    else waiter?.resolve([]);
    this.#producer.abandon(reason);
    this.#settle();
  }

  #wait<Waiter extends ChunkWaiter | WholeWaiter>(waiter: Waiter): Waiter {
    this.#waiter = waiter;
    this.#producer.awaited();
    return waiter;
  }

  #overflow(): void {
    const error = this.#producer.tooLarge(this.#limit);
    this.#chunks = [];
    this.#buffered = 0;
    if (this.#end === 'complete') this.#end = { error };
    this.fail(error);
    this.#producer.abandon(error);
  }

  #resume(): void {
    this.#paused = false;
    this.#producer.resume();
  }

  #takeAll(): readonly Uint8Array[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#buffered = 0;
    return chunks;
  }

  #takeWaiter(): ChunkWaiter | WholeWaiter | null {
    const waiter = this.#waiter;
    this.#waiter = null;
    return waiter;
  }

  #settle(): void {
    const owner = this.#owner;
    this.#owner = null;
    owner?.bodySettled();
  }
}

class BothOwners implements BodyOwner {
  readonly #first: BodyOwner;
  readonly #second: BodyOwner;

  constructor(first: BodyOwner, second: BodyOwner) {
    this.#first = first;
    this.#second = second;
  }

  bodySettled(): void {
    this.#first.bodySettled();
    this.#second.bodySettled();
  }
}
