/**
 * Where a response's decoded bytes come from: the seam between a transport and `SessionResponse`.
 *
 * Pull-based, one reader. `read()` answers synchronously when bytes are there, so that a small body costs no promise per chunk.
 */
export interface BodySource {
  /**
   * Set where nobody else holds on to a chunk that is the whole of its buffer: a stream may then take that buffer over. Otherwise it
   * copies: the chunk may be a mock's, to be served again.
   */
  readonly handsOver?: true;
  /** The next bytes (never empty), or `null` at the end. Rejects with a typed error when the body breaks. */
  read(): Uint8Array | null | Promise<Uint8Array | null>;
  /** All bytes that are left, in order. */
  readAll(limit: number): Promise<readonly Uint8Array[]>;
  /** Nobody will read on: frees the connection. */
  cancel(reason?: unknown): void;
  /** Tells `owner` once, when the last byte has arrived, or the body failed or was cancelled; read or not. At once if that is past. */
  whenSettled(owner: BodyOwner): void;
}

/** Who keeps timers and signals for as long as a body arrives. */
export interface BodyOwner {
  bodySettled(): void;
}
