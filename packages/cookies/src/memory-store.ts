import type { SessionStore, StoreBucket, StoreDelta, StoreOp } from './session-store.ts';

interface MemoryBucket {
  version: number;
  readonly records: Map<string, string>;
}

/** A store in the memory of this process: lets several sessions share cookies, and shows what a store must do. */
export class MemoryStore implements SessionStore {
  readonly #buckets: Map<string, MemoryBucket> = new Map();
  readonly #listeners: Set<(delta: StoreDelta | 'reset') => void> = new Set();

  async load(bucket: string): Promise<StoreBucket> {
    const known = this.#buckets.get(bucket);
    return { version: known?.version ?? 0, entries: [...(known?.records ?? [])] };
  }

  async apply(bucket: string, ops: readonly StoreOp[], origin: string): Promise<number> {
    const known = this.#buckets.get(bucket) ?? { version: 0, records: new Map<string, string>() };
    this.#buckets.set(bucket, known);
    for (const op of ops) {
      if (op.kind === 'set') known.records.set(op.id, op.record);
      else known.records.delete(op.id);
    }
    known.version++;
    const delta: StoreDelta = { bucket, version: known.version, ops, origin };
    for (const listener of this.#listeners) listener(delta);
    return delta.version;
  }

  async list(): Promise<Iterable<string>> {
    return [...this.#buckets.keys()];
  }

  async watch(listener: (delta: StoreDelta | 'reset') => void): Promise<AsyncDisposable> {
    const own = (delta: StoreDelta | 'reset'): void => listener(delta);
    this.#listeners.add(own);
    return {
      [Symbol.asyncDispose]: async () => {
        this.#listeners.delete(own);
      },
    };
  }
}
