/** Where response headers come from: raw, in wire order, converted only as far as somebody looks. */
export interface HeaderSource {
  /** All values of one header, by its lower-case name. */
  getAll(lowerName: string): readonly string[];
  /** Every header line, as it came. */
  pairs(): readonly (readonly [name: string, value: string])[];
}

/** Response headers: a read-only WHATWG `Headers` (`instanceof` holds) that keeps the real list of lines. */
export class ResponseHeaders implements Headers {
  readonly #source: HeaderSource;
  #combined: Map<string, string> | null = null;

  constructor(source: HeaderSource) {
    this.#source = source;
  }

  get(name: string): string | null {
    const values = this.#source.getAll(name.toLowerCase());
    if (values.length === 0) return null;
    return values.length === 1 ? (values[0] ?? null) : values.join(', ');
  }

  has(name: string): boolean {
    return this.#source.getAll(name.toLowerCase()).length > 0;
  }

  getSetCookie(): string[] {
    return [...this.#source.getAll('set-cookie')];
  }

  /** Every value of a header as its own string, so that a `Set-Cookie` with a comma stays one. */
  getAll(name: string): readonly string[] {
    return this.#source.getAll(name.toLowerCase());
  }

  /** The header lines as they came: order, case and repetitions kept. */
  raw(): readonly (readonly [name: string, value: string])[] {
    return this.#source.pairs();
  }

  forEach(callback: (value: string, name: string, parent: Headers) => void, thisArg?: unknown): void {
    for (const [name, value] of this.entries()) callback.call(thisArg, value, name, this);
  }

  // WHATWG Fetch: sorted by name, values joined by ", ", Set-Cookie never joined.
  *entries(): ReturnType<Headers['entries']> {
    const combined = this.#combine();
    for (const name of [...combined.keys()].sort()) {
      if (name === 'set-cookie') for (const value of this.getSetCookie()) yield [name, value];
      else yield [name, combined.get(name) ?? ''];
    }
    return undefined;
  }

  *keys(): ReturnType<Headers['keys']> {
    for (const [name] of this.entries()) yield name;
    return undefined;
  }

  *values(): ReturnType<Headers['values']> {
    for (const [, value] of this.entries()) yield value;
    return undefined;
  }

  [Symbol.iterator](): ReturnType<Headers['entries']> {
    return this.entries();
  }

  append(): void {
    throw new TypeError('response headers are read-only');
  }

  set(): void {
    throw new TypeError('response headers are read-only');
  }

  delete(): void {
    throw new TypeError('response headers are read-only');
  }

  get [Symbol.toStringTag](): string {
    return 'Headers';
  }

  #combine(): Map<string, string> {
    if (this.#combined !== null) return this.#combined;
    const combined = new Map<string, string>();
    for (const [name, value] of this.#source.pairs()) {
      const lower = name.toLowerCase();
      const before = combined.get(lower);
      combined.set(lower, before === undefined ? value : `${before}, ${value}`);
    }
    this.#combined = combined;
    return combined;
  }
}

/** A header source over lines that are strings already. */
export const headerLines = (lines: readonly (readonly [name: string, value: string])[]): HeaderSource => ({
  getAll: (lowerName) => lines.filter(([name]) => name.toLowerCase() === lowerName).map(([, value]) => value),
  pairs: () => lines,
});

/** A header source over a platform's own `Headers`. */
export const nativeHeaders = (headers: Headers): HeaderSource => ({
  getAll: (lowerName) => {
    if (lowerName === 'set-cookie') return headers.getSetCookie();
    const value = headers.get(lowerName);
    return value === null ? [] : [value];
  },
  pairs: () => [...headers],
});
