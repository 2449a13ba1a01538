/** One entry of a netrc file. What the file leaves out is absent. */
export interface NetrcEntry {
  /** The host it is for, in lower case; `null` for the `default` entry. */
  readonly machine: string | null;
  readonly login?: string;
  readonly password?: string;
  readonly account?: string;
}

/**
 * Reads a netrc file as curl and Python do, in linear time.
 *
 * Words are separated by white space, lines do not matter. A word may be quoted, with `\"`, `\\`, `\n`, `\r` and
 * `\t` in it. A `#` where a keyword may stand starts a comment to the end of the line; in a value it is itself.
 * A macro (`macdef`) ends at an empty line. What is not understood is skipped.
 */
export function parseNetrc(text: string): NetrcEntry[] {
  const words = new Words(text);
  const entries: NetrcEntry[] = [];
  let entry: Draft | undefined;
  for (let keyword = words.next(); keyword !== undefined; keyword = words.next()) {
    if (keyword.startsWith('#')) words.skipLine();
    else if (keyword === 'macdef') words.skipMacro();
    else if (keyword === 'machine') {
      const machine = words.next();
      // A new entry ends the one before, even when its own name is missing: no password may change its host.
      entry = machine === undefined ? undefined : { machine: machine.toLowerCase() };
      if (entry !== undefined) entries.push(entry);
    } else if (keyword === 'default') {
      entry = { machine: null };
      entries.push(entry);
    } else if (keyword === 'login' || keyword === 'password' || keyword === 'account') {
      const value = words.next();
      if (entry !== undefined && value !== undefined) entry[keyword] = value;
    }
  }
  return entries;
}

/**
 * The first entry for a host, or for a user of it; the `default` entry when the file does not name the host.
 *
 * @param hostname - as `URL.hostname` writes it; compared as a whole, never as a domain
 */
export function findNetrc(
  entries: readonly NetrcEntry[],
  hostname: string,
  user?: string,
): NetrcEntry | undefined {
  const host = bare(hostname.toLowerCase());
  const fits = ({ login }: NetrcEntry): boolean => user === undefined || login === user;
  const named = entries.filter(({ machine }) => machine !== null && bare(machine) === host);
  const found = named.length > 0 ? named : entries.filter(({ machine }) => machine === null);
  return found.find(fits);
}

interface Draft {
  readonly machine: string | null;
  login?: string;
  password?: string;
  account?: string;
}

/** An IPv6 address stands in brackets in a URL and without them in most netrc files. */
const bare = (host: string): string =>
  host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;

const WORD_START = /\S/g;
const WORD_END = /\s|$/g;
const MACRO_END = /\n[^\S\n]*(?:\n|$)/g;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

class Words {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    // A byte order mark would be part of the first keyword.
    this.#text = text.replace(/^\ufeff/, '').replace(/\r\n/g, '\n');
  }

  next(): string | undefined {
    this.#at = this.#find(WORD_START);
    if (this.#at >= this.#text.length) return undefined;
    if (this.#text[this.#at] === '"') return this.#quoted();
    const start = this.#at;
    this.#at = this.#find(WORD_END);
    return this.#text.slice(start, this.#at);
  }

  skipLine(): void {
    const end = this.#text.indexOf('\n', this.#at);
    this.#at = end === -1 ? this.#text.length : end;
  }

  skipMacro(): void {
    this.#at = this.#find(MACRO_END);
  }

  #quoted(): string {
    let word = '';
    for (this.#at += 1; this.#at < this.#text.length; this.#at += 1) {
      const mark = this.#text.charAt(this.#at);
      if (mark === '"') {
        this.#at += 1;
        return word;
      }
      // A quote that is never closed ends with its line.
      if (mark === '\n') return word;
      if (mark === '\\') {
        this.#at += 1;
        const escaped = this.#text.charAt(this.#at);
        word += ESCAPES.get(escaped) ?? escaped;
      } else word += mark;
    }
    return word;
  }

  #find(pattern: RegExp): number {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text)?.index ?? this.#text.length;
  }
}
