import { readQuotedString } from '../response/parameters.ts';

/** One offer of a `WWW-Authenticate` or `Proxy-Authenticate` header. */
export interface Challenge {
  /** The scheme in lower case, such as `digest`. */
  readonly scheme: string;
  /** The opaque form of `Negotiate abc=`; `null` when there are parameters or nothing. */
  readonly token68: string | null;
  /** Names in lower case, values unquoted. Of a repeated name the last counts, as in curl and browsers. */
  readonly params: ReadonlyMap<string, string>;
}

/**
 * Reads the challenges of all lines of a header (RFC 9110 11.6.1), in the server's order, in linear time.
 *
 * A line with control characters counts for nothing. Other text that breaks the grammar is skipped to the next
 * comma. At most {@link MAX_CHALLENGES} are read.
 */
export const parseChallenges = (values: readonly string[]): Challenge[] => {
  const challenges: Challenge[] = [];
  for (const value of values) if (!CONTROL.test(value)) readLine(value, challenges);
  return challenges;
};

/**
 * Reads a list of parameters without a scheme, the form of `Authentication-Info` (RFC 9110 11.6.3).
 *
 * @returns names in lower case; nothing of a line with control characters
 */
export const parseAuthParams = (value: string): ReadonlyMap<string, string> =>
  parseChallenges([`info ${value}`])[0]?.params ?? NONE;

/** No server offers more, and a hostile megabyte of `a,a,a` must not become a million objects. */
export const MAX_CHALLENGES = 32;

// Any control character but a tab: servers' bugs or attempts to split a header when the value is echoed.
const CONTROL = /[^\t -~\u0080-\uffff]/;
const NONE: ReadonlyMap<string, string> = new Map();

// Each is tried at one place only and its parts exclude each other: no backtracking.
const SEPARATOR = /[\t ,]*/y;
const TOKEN = /[!#$%&'*+\-.^_`|~\w]+/y;
const EQUALS = /[\t ]*=[\t ]*/y;
const TOKEN68 = /[\t ]+([\w\-.~+/]+=*)[\t ]*(?=,|$)/y;
// Wider than a token: servers send `domain=/a` and `nonce=abc==` without quotes.
const UNQUOTED = /[^\t ,"]*/y;
const TO_COMMA = /[^,]*/y;

const readLine = (line: string, challenges: Challenge[]): void => {
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(line);
    if (match) at = pattern.lastIndex;
    return match;
  };
  let params: Map<string, string> | undefined;
  for (;;) {
    take(SEPARATOR);
    if (at >= line.length) return;
    const name = take(TOKEN)?.[0].toLowerCase();
    if (name === undefined) {
      take(TO_COMMA);
    } else if (take(EQUALS)) {
      const value = line[at] === '"' ? takeQuoted() : (take(UNQUOTED)?.[0] ?? '');
      params?.set(name, value);
    } else {
      if (challenges.length >= MAX_CHALLENGES) return;
      const token68 = take(TOKEN68)?.[1] ?? null;
      params = new Map();
      challenges.push({ scheme: name, token68, params });
    }
  }

  function takeQuoted(): string {
    const { value, end } = readQuotedString(line, at);
    at = end;
    return value;
  }
};
