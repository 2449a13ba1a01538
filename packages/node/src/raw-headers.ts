import type { HeaderSource } from '@httpsession/core';

/** Header lines as undici hands them out: `[name, value, name, value, ...]` in bytes. */
export type RawHeaders = readonly Buffer[];

/** Response headers that stay bytes until somebody looks: turning all of them into strings costs 1 us per response. */
export class RawHeaderSource implements HeaderSource {
  readonly #raw: RawHeaders;
  #pairs: readonly (readonly [string, string])[] | null = null;

  constructor(raw: RawHeaders) {
    this.#raw = raw;
  }

  getAll(lowerName: string): readonly string[] {
    let found: string[] | null = null;
    const raw = this.#raw;
    for (let at = 0; at + 1 < raw.length; at += 2) {
      const name = raw[at];
      const value = raw[at + 1];
      if (name === undefined || value === undefined || !isNamed(name, lowerName)) continue;
      found ??= [];
      found.push(textOf(value));
    }
    return found ?? nothing;
  }

  pairs(): readonly (readonly [name: string, value: string])[] {
    if (this.#pairs === null) {
      const pairs: (readonly [string, string])[] = [];
      for (let at = 0; at + 1 < this.#raw.length; at += 2) {
        const name = this.#raw[at];
        const value = this.#raw[at + 1];
        if (name !== undefined && value !== undefined) pairs.push([textOf(name), textOf(value)]);
      }
      this.#pairs = pairs;
    }
    return this.#pairs;
  }
}

const nothing: readonly string[] = Object.freeze([]);

// Header values are octets (RFC 9110 5.5); HTTP/2 gives strings.
const textOf = (value: Buffer | string): string =>
  typeof value === 'string' ? value : value.toString('latin1');

const isNamed = (name: Buffer | string, lowerName: string): boolean => {
  if (name.length !== lowerName.length) return false;
  if (typeof name === 'string') return name.toLowerCase() === lowerName;
  for (let at = 0; at < name.length; at += 1) {
    // Header names are ASCII: bit 5 makes a letter small and leaves `-` and digits as they are.
    if (((name[at] ?? 0) | 0x20) !== (lowerName.charCodeAt(at) | 0x20)) return false;
  }
  return true;
};
