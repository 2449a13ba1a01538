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

const names = ['max', 'methods', 'forwardHeaders', 'allowDowngrade', 'crossOriginBody'];

/** @throws {TypeError} naming the option and what came */
export const resolveRedirects = (init: RedirectInit | undefined, inherited: Redirects): Redirects => {
  if (init === undefined) return inherited;
  if (init === 'follow' || init === 'manual' || init === 'error') return { ...inherited, mode: init };
  if (typeof init === 'number') return { ...inherited, mode: 'follow', max: count('redirect', init) };
  if (typeof init !== 'object' || init === null) {
    throw new TypeError(
      `redirect must be 'follow', 'manual', 'error', a number or an object, got ${shown(init)}`,
    );
  }
  for (const name of Object.keys(init)) {
    if (!names.includes(name))
      throw new TypeError(`redirect.${name} is not an option; there are ${names.join(', ')}`);
  }
  const { max, methods, forwardHeaders, allowDowngrade, crossOriginBody } = {
    __proto__: null,
    ...init,
  } as RedirectOptions;
  if (methods !== undefined && methods !== 'fetch' && methods !== 'requests') {
    throw new TypeError(`redirect.methods must be 'fetch' or 'requests', got ${shown(methods)}`);
  }
  if (forwardHeaders !== undefined && !Array.isArray(forwardHeaders)) {
    throw new TypeError(
      `redirect.forwardHeaders must be a list of header names, got ${shown(forwardHeaders)}`,
    );
  }
  return {
    mode: 'follow',
    max: max === undefined ? inherited.max : count('redirect.max', max),
    methods: methods ?? inherited.methods,
    forwardHeaders: forwardHeaders
      ? new Set(forwardHeaders.map((name) => String(name).toLowerCase()))
      : inherited.forwardHeaders,
    allowDowngrade: flag('redirect.allowDowngrade', allowDowngrade) ?? inherited.allowDowngrade,
    crossOriginBody: flag('redirect.crossOriginBody', crossOriginBody) ?? inherited.crossOriginBody,
  };
};

const count = (name: string, value: unknown): number => {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw new TypeError(`${name} must be a whole number of 0 or more, got ${shown(value)}`);
};

const flag = (name: string, value: unknown): boolean | undefined => {
  if (value === undefined || typeof value === 'boolean') return value;
  throw new TypeError(`${name} must be true or false, got ${shown(value)}`);
};

const shown = (value: unknown): string =>
  typeof value === 'string'
    ? `'${value.slice(0, 40)}'`
    : typeof value === 'number'
      ? String(value)
      : value === null
        ? 'null'
        : typeof value;
