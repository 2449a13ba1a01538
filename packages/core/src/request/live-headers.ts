/**
 * The session's own headers: a WHATWG `Headers` that remembers how names were written and when it changed.
 *
 * `Headers` lower-cases names; on HTTP/1 the caller's spelling is what servers should see.
 */
export class LiveHeaders extends Headers {
  readonly #spelling: Map<string, string> = new Map();
  #version = 0;

  // Takes no initial headers: a base constructor may call append() before this class's fields exist.
  constructor() {
    super();
  }

  /** Rises with each write, so that what was derived from these headers can be kept until then. */
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
    this.#spelling.delete(name.toLowerCase());
    this.#version += 1;
  }

  /** Names as they were written, in the order they were first set (`Headers` iterates by alphabet), with their values. */
  spelled(): [name: string, value: string][] {
    return [...this.#spelling].map(([lower, name]) => [name, this.get(lower) ?? '']);
  }

  #touch(name: string): void {
    const lower = name.toLowerCase();
    this.#spelling.set(lower, name);
    this.#version += 1;
  }
}
