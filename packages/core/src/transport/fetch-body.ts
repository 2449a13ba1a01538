import type { Call } from '../call.ts';
import { Deferred } from '../deferred.ts';
import { BodyTooLargeError, IncompleteBodyError, TimeoutError } from '../errors.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import type { BodyOwner, BodySource } from '../response/body-source.ts';
import type { CancelListener } from '../timeout/cancel-scope.ts';
import { Timer, type TimerOwner } from '../timeout/timer.ts';
import { weakly } from '../weakly.ts';

/** Who waits for bytes: for the next chunk (`limit` is null), or for all of at most `limit` bytes. */
class Waiter extends Deferred<Uint8Array | null | readonly Uint8Array[]> {
  readonly limit: number | null;

  constructor(limit: number | null) {
    super();
    this.limit = limit;
  }
}

/** What reads a stream chunk by chunk: its default reader, or what a platform has that is quicker. */
export interface BodyReader {
  read(): Promise<ReadResult>;
  cancel(reason?: unknown): Promise<void>;
}

type ReadResult =
  | { readonly done: false; readonly value: Uint8Array }
  | { readonly done: true; readonly value?: Uint8Array | undefined };

/**
 * The body of a fetch backend: its stream, with our idle limit, our errors and the call's cancellation.
 *
 * A reader makes one promise and sets one timer, however many chunks it reads: Deno takes 2.4 us to set and clear a timer.
 */
export class FetchBody implements BodySource, TimerOwner, CancelListener {
  readonly #request: PreparedRequest;
  readonly #reader: BodyReader;
  readonly #idle: Timer = new Timer(this, 'body');
  // Most bodies are read as a whole as soon as they are there, and need none: a WeakRef and its registration take 1 us on V8, 5 on Bun.
  #weak: WeakListener | null = null;
  // Left running while nobody waits, when it fires in vain: most are awaited again before it does.
  #due = 0;
  #owners: BodyOwner[] = [];
  #received = 0;
  #end: { readonly error: unknown } | 'complete' | null = null;
  #waiter: Waiter | null = null;
  #chunks: Uint8Array[] = [];
  #size = 0;

  constructor(request: PreparedRequest, reader: BodyReader) {
    this.#request = request;
    this.#reader = reader;
    request.scope.subscribe(this);
    if (newest !== null) newest.#weaken();
    newest = this.#end === null ? this : null;
  }

  whenSettled(owner: BodyOwner): void {
    if (this.#end === null) this.#owners.push(owner);
    else owner.bodySettled();
  }

  read(): Promise<Uint8Array | null> {
    return this.#wait(null) as Promise<Uint8Array | null>;
  }

  readAll(limit: number): Promise<readonly Uint8Array[]> {
    return this.#wait(limit) as Promise<readonly Uint8Array[]>;
  }

  cancel(reason?: unknown): void {
    if (this.#end !== null) return;
    this.#settle('complete');
    // A stream that broke in this moment rejects its cancel(); nobody reads it any more.
    void this.#reader.cancel(reason).catch(gone);
  }

  timedOut(): void {
    if (this.#waiter === null) return;
    const now = performance.now();
    // Timers may fire up to a millisecond early.
    if (this.#due - now > 1) this.#idle.start(this.#due - now, now);
    else this.#fail(new TimeoutError('body', this.#request.options.timeout.idle, { request: this.#request }));
  }

  cancelled(reason: unknown): void {
    this.#fail(reason);
  }

  #wait(limit: number | null): Promise<Uint8Array | null | readonly Uint8Array[]> {
    if (this.#end === 'complete') return Promise.resolve(limit === null ? null : []);
    if (this.#end !== null) return Promise.reject(this.#end.error);
    const waiter = new Waiter(limit);
    this.#waiter = waiter;
    if (newest === this) newest = null;
    if (this.#weak !== null) this.#weak.awaited = this;
    void this.#pull();
    return waiter.promise;
  }

  /** Reads until the one who waits has what it waits for. */
  async #pull(): Promise<void> {
    while (this.#waiter !== null) {
      this.#await();
      let part: ReadResult;
      try {
        part = await this.#reader.read();
      } catch (cause) {
        this.#broke(cause);
        return;
      }
      this.#arrived(part);
    }
  }

  #await(): void {
    const { idle } = this.#request.options.timeout;
    if (idle === Number.POSITIVE_INFINITY) return;
    const now = performance.now();
    this.#due = now + idle;
    if (!this.#idle.running) this.#idle.start(idle, now);
  }

  #arrived({ done, value }: ReadResult): void {
    if (this.#end !== null) return;
    if (done) {
      this.#settle('complete');
      return;
    }
    const waiter = this.#waiter;
    this.#received += value.byteLength;
    if (waiter === null) return;
    if (waiter.limit !== null) {
      this.#chunks.push(value);
      this.#size += value.byteLength;
      if (this.#size > waiter.limit)
        this.#fail(new BodyTooLargeError(waiter.limit, { request: this.#request }));
    } else if (value.byteLength > 0) {
      this.#waiter = null;
      this.#weaken();
      waiter.resolve(value);
    }
  }

  #broke(cause: unknown): void {
    if (this.#end !== null) return;
    const error = new IncompleteBodyError(
      'the connection closed before the end of the body',
      this.#received,
      { request: this.#request, cause },
    );
    this.#settle({ error });
  }

  /** Nobody waits: from now on the call does not keep this body, which may never be read on. */
  #weaken(): void {
    if (this.#weak !== null) this.#weak.awaited = null;
    else if (this.#end === null) {
      const { scope, call } = this.#request;
      this.#weak = new WeakListener(this);
      unread?.register(this, call, this);
      scope.unsubscribe(this);
      scope.subscribe(this.#weak);
    }
  }

  #fail(error: unknown): void {
    if (this.#end !== null) return;
    this.#settle({ error });
    void this.#reader.cancel(error).catch(gone);
  }

  #settle(end: { readonly error: unknown } | 'complete'): void {
    const waiter = this.#waiter;
    this.#waiter = null;
    this.#end = end;
    this.#idle.stop();
    if (newest === this) newest = null;
    this.#request.scope.unsubscribe(this.#weak ?? this);
    if (this.#weak !== null) {
      this.#weak.awaited = null;
      unread?.unregister(this);
    }
    if (end !== 'complete') waiter?.reject(end.error);
    else waiter?.resolve(waiter.limit === null ? null : this.#chunks);
    this.#chunks = [];
    const owners = this.#owners;
    this.#owners = [];
    for (const owner of owners) owner.bodySettled();
  }
}

/** Cancels a body for as long as anybody may read it: the session outlives those that nobody ever looks at. */
class WeakListener implements CancelListener {
  /** Who waits for bytes must hear of it, however little else is left. */
  awaited: CancelListener | null = null;
  readonly #body: { deref(): CancelListener | undefined };

  constructor(body: CancelListener) {
    this.#body = weakly(body);
  }

  cancelled(reason: unknown): void {
    (this.awaited ?? this.#body.deref())?.cancelled(reason);
  }
}

// The one body that is kept unread: until there is another, it is about to be read.
let newest: FetchBody | null = null;

// Whoever looks at the status alone leaves the body to the garbage collector; its call ends with it.
const unread: FinalizationRegistry<Call> | null =
  typeof FinalizationRegistry === 'function' ? new FinalizationRegistry((call) => call.end()) : null;

const gone = (): void => undefined;
