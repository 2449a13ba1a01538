import type { RequestBody } from '@httpsession/core';

/**
 * A request body that is not in memory, as undici takes it: it looks like a `Blob`, so that it can be opened once more for a second send,
 * and so that HTTP/2 sends it beside other streams (a stream would have to wait until the connection has nothing else to do).
 */
export class StreamedBody {
  readonly #body: RequestBody;

  constructor(body: RequestBody) {
    this.#body = body;
  }

  /** Bytes; `null` sends chunks. */
  get size(): number | null {
    return this.#body.length;
  }

  /** Whether it can be opened (again). */
  get replayable(): boolean {
    return this.#body.replayable;
  }

  /** The content from its start. @throws {UnreplayableBodyError} for a one-shot stream that was opened before */
  stream(): AsyncIterable<Uint8Array> {
    return this.#body.stream();
  }

  // What undici recognises it by.
  get [Symbol.toStringTag](): string {
    return 'Blob';
  }
}
