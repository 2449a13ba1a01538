import { kindOf } from '../kind-of.ts';
import { accepting, type Checks, flag, isAtLeast0, laySettings } from '../options/lay-settings.ts';

/** How redirects are treated; a number is `max`. */
export type RedirectInit = 'follow' | 'manual' | 'error' | number | RedirectOptions;

/** The `redirect` option in full. Redirects are followed. */
export interface RedirectOptions {
  /** Redirects followed in one call, 0 or more. @defaultValue 30 */
  readonly max?: number | undefined;
  /** Which methods 301, 302 and 303 turn into GET: fetch's rules, or those of Python requests (302 turns PUT into GET). @defaultValue 'fetch' */
  readonly methods?: 'fetch' | 'requests' | undefined;
  /** Names of further headers that may go along to another origin. */
  readonly forwardHeaders?: readonly string[] | undefined;
  /** Follow from https to http, without credentials. @defaultValue false */
  readonly allowDowngrade?: boolean | undefined;
  /** Whether 307 and 308 may carry the request's body to another origin. @defaultValue true */
  readonly crossOriginBody?: boolean | undefined;
}

/** How redirects are treated, all given. */
export interface Redirects {
  readonly mode: 'follow' | 'manual' | 'error';
  readonly max: number;
  readonly methods: 'fetch' | 'requests';
  readonly forwardHeaders: ReadonlySet<string>;
  readonly allowDowngrade: boolean;
  readonly crossOriginBody: boolean;
}

export const defaultRedirects: Redirects = Object.freeze({
  mode: 'follow',
  max: 30,
  methods: 'fetch',
  forwardHeaders: new Set<string>(),
  allowDowngrade: false,
  crossOriginBody: true,
});

const quoted = (value: unknown): string =>
  typeof value === 'string' ? `'${value.slice(0, 40)}'` : kindOf(value);

// Not `Infinity`: a server could keep a call busy for ever.
const count = accepting<number>(
  'a whole number of 0 or more',
  (value) => isAtLeast0(value) && Number.isInteger(value),
);

const headerNames = accepting<readonly unknown[]>('a list of header names', Array.isArray);

const checks: Checks<Redirects> = {
  max: count,
  methods: accepting("'fetch' or 'requests'", (value) => value === 'fetch' || value === 'requests', quoted),
  forwardHeaders: (value, name) =>
    new Set(headerNames(value, name, []).map((header) => String(header).toLowerCase())),
  allowDowngrade: flag,
  crossOriginBody: flag,
};

const wanted = "'follow', 'manual', 'error', a number or an object";
const mode = accepting<Redirects['mode']>(
  wanted,
  (value) => value === 'follow' || value === 'manual' || value === 'error',
  quoted,
);

/** @throws {TypeError} naming the option and what came */
export const resolveRedirects = (init: RedirectInit | undefined, inherited: Redirects): Redirects => {
  if (init === undefined) return inherited;
  if (typeof init === 'string') return { ...inherited, mode: mode(init, 'redirect', 'follow') };
  const following: Redirects = { ...inherited, mode: 'follow' };
  if (typeof init === 'number') return { ...following, max: count(init, 'redirect', 0) };
  return laySettings('redirect', wanted, init, following, checks);
};
