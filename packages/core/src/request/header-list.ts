import { InvalidHeaderError } from '../errors.ts';

/** What `headers` options take: names to values, where `null` removes and `undefined` inherits. */
export type HeadersInit =
  | Headers
  | Readonly<Record<string, HeaderValue | null | undefined>>
  | Iterable<readonly [name: string, value: HeaderValue | null | undefined]>;

/** Numbers and booleans are written as text. */
export type HeaderValue = string | number | boolean;

const nothing: ReadonlySet<string> = new Set();

/**
 * An immutable list of request headers: case and order as given, lookup by lower-case name.
 *
 * A flat array, because transports take one: `[name, value, name, value, ...]`. Derived lists are copies.
 */
export class HeaderList {
  static readonly empty: HeaderList = new HeaderList([], []);
  readonly #flat: readonly string[];
  readonly #lower: readonly string[];
  readonly #removed: ReadonlySet<string>;
  /** @internal The transport that was found to take these headers. */
  checkedFor: object | null = null;
  // Call after call lays the same credential and the same cookies over the same defaults.
  #latest: { readonly name: string; readonly value: string; readonly list: HeaderList } | null = null;

  private constructor(
    flat: readonly string[],
    lower: readonly string[],
    removed: ReadonlySet<string> = nothing,
  ) {
    this.#flat = flat;
    this.#lower = lower;
    this.#removed = removed;
  }

  /** Lays `layers` over each other: a later value wins and keeps the earlier position, `null` removes. */
  static from(...layers: readonly (HeadersInit | null | undefined)[]): HeaderList {
    let list = HeaderList.empty;
    for (const layer of layers) list = list.merge(layer);
    return list;
  }

  get size(): number {
    return this.#lower.length;
  }

  /** In lower case, in order. */
  get lowerNames(): readonly string[] {
    return this.#lower;
  }

  /** The value of a header, by its lower-case name. */
  get(lowerName: string): string | undefined {
    const at = this.#lower.indexOf(lowerName);
    return at === -1 ? undefined : this.#flat[2 * at + 1];
  }

  has(lowerName: string): boolean {
    return this.#lower.includes(lowerName);
  }

  /** Whether somebody asked for this header not to be sent: a transport must not add its own then. By its lower-case name. */
  isRemoved(lowerName: string): boolean {
    return this.#removed.has(lowerName) && !this.has(lowerName);
  }

  /**
   * A copy in which `name` has `value`; `null` removes it.
   * @throws {InvalidHeaderError | TypeError} for what no header can be
   */
  with(name: string, value: HeaderValue | null): HeaderList {
    const latest = this.#latest;
    if (latest !== null && latest.value === value && latest.name === name) return latest.list;
    if (value === null) return this.#with(checkName(name), null);
    const list = this.#with(checkName(name), checkValue(name, value));
    // The empty list is everybody's: a secret laid over it would outlive its session there.
    if (typeof value === 'string' && this !== HeaderList.empty) this.#latest = { name, value, list };
    return list;
  }

  #with(name: string, value: string | null): HeaderList {
    const lowerName = name.toLowerCase();
    const at = this.#lower.indexOf(lowerName);
    if (value === null) return at === -1 ? this : this.filter((other) => other !== lowerName);
    const flat = this.#flat.slice();
    if (at === -1) {
      flat.push(name, value);
      return new HeaderList(flat, [...this.#lower, lowerName], this.#removed);
    }
    flat[2 * at] = name;
    flat[2 * at + 1] = value;
    return new HeaderList(flat, this.#lower, this.#removed);
  }

  /** A copy with the headers of `init` laid over this one's. */
  merge(init: HeadersInit | null | undefined): HeaderList {
    if (init === null || init === undefined) return this;
    if (init instanceof HeaderList) return this.#overlaid(init);
    const flat = this.#flat.slice();
    const lower = this.#lower.slice();
    const removed = new Set<string>();
    for (const [name, given] of pairsOf(init)) {
      if (given === undefined) continue;
      const lowerName = checkName(name).toLowerCase();
      if (given === null) {
        removed.add(lowerName);
        continue;
      }
      const value = checkValue(name, given);
      removed.delete(lowerName);
      const at = lower.indexOf(lowerName);
      if (at === -1) {
        flat.push(name, value);
        lower.push(lowerName);
      } else {
        flat[2 * at] = name;
        flat[2 * at + 1] = value;
      }
    }
    if (removed.size === 0) return new HeaderList(flat, lower, this.#removed);
    const merged = new HeaderList(flat, lower, new Set([...this.#removed, ...removed]));
    return merged.filter((name) => !removed.has(name));
  }

  // Another list has been checked before.
  #overlaid(other: HeaderList): HeaderList {
    if (other.size === 0 && other.#removed.size === 0) return this;
    if (this.size === 0 && this.#removed.size === 0) return other;
    const removed = [...other.#removed].filter((name) => !other.has(name));
    let list =
      removed.length === 0
        ? this
        : new HeaderList(this.#flat, this.#lower, new Set([...this.#removed, ...removed])).filter(
            (name) => !removed.includes(name),
          );
    for (const [name, value] of other.toPairs()) list = list.#with(name, value);
    return list;
  }

  /** A copy with only the headers whose lower-case name passes. */
  filter(keep: (lowerName: string) => boolean): HeaderList {
    const flat: string[] = [];
    const lower: string[] = [];
    for (const [at, lowerName] of this.#lower.entries()) {
      if (!keep(lowerName)) continue;
      flat.push(this.#flat[2 * at] ?? '', this.#flat[2 * at + 1] ?? '');
      lower.push(lowerName);
    }
    return lower.length === this.#lower.length ? this : new HeaderList(flat, lower, this.#removed);
  }

  /** `[name, value, name, value, ...]`, as undici takes it. Not to be changed. */
  toFlat(): readonly string[] {
    return this.#flat;
  }

  toPairs(): [name: string, value: string][] {
    return this.#lower.map((_, at) => [this.#flat[2 * at] ?? '', this.#flat[2 * at + 1] ?? '']);
  }

  /** As another list can be made of it: what was removed is `null` there, too. */
  toInit(): [name: string, value: string | null][] {
    const removed = [...this.#removed].filter((name) => !this.has(name));
    return [...removed.map((name): [string, null] => [name, null]), ...this.toPairs()];
  }

  /** A plain record with no prototype, as fetch backends take it. */
  toRecord(): Record<string, string> {
    const record: Record<string, string> = Object.create(null);
    const flat = this.#flat;
    for (let at = 0; at < flat.length; at += 2) record[flat[at] ?? ''] = flat[at + 1] ?? '';
    return record;
  }

  *[Symbol.iterator](): IterableIterator<[string, string]> {
    yield* this.toPairs();
  }
}

const pairsOf = (
  init: Exclude<HeadersInit, HeaderList>,
): Iterable<readonly [string, HeaderValue | null | undefined]> => {
  if (typeof init !== 'object') {
    throw new TypeError(`headers must be a Headers, a record or a list of pairs, got ${typeof init}`);
  }
  return Symbol.iterator in init ? checkedPairs(init) : Object.entries(init);
};

function* checkedPairs(
  init: Iterable<unknown>,
): Generator<readonly [string, HeaderValue | null | undefined], void> {
  for (const entry of init) {
    // Two letters of text would do as a pair, too.
    if (!Array.isArray(entry) || entry.length !== 2) {
      throw new TypeError(`headers: a list must hold [name, value] pairs, got ${describe(entry)}`);
    }
    yield [entry[0], entry[1]];
  }
}

// RFC 9110 5.6.2: token. Checked once per name seen; names repeat, so a small memo saves the regex.
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const knownNames = new Set<string>();

const checkName = (name: unknown): string => {
  if (typeof name !== 'string') throw new TypeError(`headers: a name must be a string, got ${typeof name}`);
  if (knownNames.has(name)) return name;
  if (!token.test(name)) throw new InvalidHeaderError(`header name ${quote(name)} is not a token`);
  if (knownNames.size < 512) knownNames.add(name);
  return name;
};

// RFC 9110 5.5: no CR, LF, NUL nor other controls but TAB; octets only, so nothing above U+00FF.
const forbidden = /[^\t\x20-\x7e\x80-\xff]/;

// Nearly every value: visible ASCII with single spaces. One look instead of three.
const plain = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/;

const checkValue = (name: string, given: unknown): string => {
  if (typeof given !== 'string' && typeof given !== 'number' && typeof given !== 'boolean') {
    throw new TypeError(`header ${name} must be a string, number or boolean, got ${describe(given)}`);
  }
  if (typeof given === 'string' && plain.test(given)) return given;
  // RFC 9110 5.5: spaces and tabs around a value are no part of it. A line break is refused, also at the end.
  const value = trimmed(String(given));
  if (forbidden.test(value)) {
    throw new InvalidHeaderError(`header ${name} has a character that no header value may have`);
  }
  return value;
};

// By hand: a regular expression looks at each run of inner spaces again from each of its places, seconds for 60 kB of them, and servers
// choose what a digest or cookie is echoed.
const trimmed = (text: string): string => {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
};

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

const describe = (value: unknown): string =>
  Array.isArray(value) ? `an array of ${value.length}` : value === null ? 'null' : typeof value;

// The offending name is shown, but never raw control characters.
const quote = (name: string): string => JSON.stringify(name.slice(0, 60));
