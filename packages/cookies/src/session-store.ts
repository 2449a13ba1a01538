/** One change of one record in a bucket. */
export type StoreOp =
  | { readonly kind: 'set'; readonly id: string; readonly record: string }
  | { readonly kind: 'delete'; readonly id: string };

/** All records of a bucket at one version. */
export interface StoreBucket {
  readonly version: number;
  readonly entries: Iterable<readonly [id: string, record: string]>;
}

/** Changes that were applied to a bucket, as those who watch hear of them. */
export interface StoreDelta {
  readonly bucket: string;
  /** Version of the bucket after the changes. */
  readonly version: number;
  readonly ops: readonly StoreOp[];
  /** The attachment that made them. */
  readonly origin: string;
}

/**
 * Where the cookies of a session live outside the process: one record per cookie, in buckets by site, changed by deltas.
 * Records are text that only httpsession reads.
 */
export interface SessionStore {
  /** All records of a bucket; none at version 0 when it does not exist. */
  load(bucket: string): Promise<StoreBucket>;
  /** Applies all changes of one bucket atomically and returns the bucket's new version, one above the last. */
  apply(bucket: string, ops: readonly StoreOp[], origin: string): Promise<number>;
  /** Names of all buckets. Where a store has it, attaching loads everything at once. */
  list?(): Promise<Iterable<string>>;
  /** Calls the listener for every change from now on, and with `reset` when some may have been missed. */
  watch?(listener: (delta: StoreDelta | 'reset') => void): Promise<AsyncDisposable>;
}
