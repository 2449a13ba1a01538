/**
 * The session's own headers: a WHATWG `Headers` that remembers how names were written and when it changed.
 *
 * `Headers` lower-cases names; on HTTP/1 the caller's spelling is what servers should see.
 */
export interface LiveHeaders extends Headers {
  /** Rises with each write, so that what was derived from these headers can be kept until then. */
  readonly version: number;
  /** Names as they were written, in the order they were first set (`Headers` iterates by alphabet), with their values. */
  spelled(): [name: string, value: string][];
  /** As `HeaderList` takes them: what was deleted and not set again is `null`, so that no transport adds its own. */
  toInit(): [name: string, value: string | null][];
}

/** Makes {@link LiveHeaders} without a header: a base constructor may call append() before the fields of a class exist. */
export const createLiveHeaders = (): LiveHeaders => {
  liveHeadersClass ??= defineClass();
  return new liveHeadersClass();
};

let liveHeadersClass: (new () => LiveHeaders) | undefined;

// Defined at the first session, not at import: on Node, touching `Headers` loads its whole fetch, a third of the import time.
const defineClass = (): (new () => LiveHeaders) =>
  class extends Headers implements LiveHeaders {
    readonly #spelling: Map<string, string> = new Map();
    readonly #removed: Set<string> = new Set();
    #version = 0;

    get version(): number {
      return this.#version;
    }

    override append(name: string, value: string): void {
      super.append(name, value);
      this.#touch(name);
    }

    override set(name: string, value: string): void {
      super.set(name, value);
      this.#touch(name);
    }

    override delete(name: string): void {
      super.delete(name);
      const lower = name.toLowerCase();
      this.#spelling.delete(lower);
      this.#removed.add(lower);
      this.#version += 1;
    }

    spelled(): [name: string, value: string][] {
      return [...this.#spelling].map(([lower, name]) => [name, this.get(lower) ?? '']);
    }

    toInit(): [name: string, value: string | null][] {
      return [...[...this.#removed].map((name): [string, null] => [name, null]), ...this.spelled()];
    }

    #touch(name: string): void {
      const lower = name.toLowerCase();
      this.#spelling.set(lower, name);
      this.#removed.delete(lower);
      this.#version += 1;
    }
  };
