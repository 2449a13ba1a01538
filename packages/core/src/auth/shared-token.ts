import { Timer } from '../timeout/timer.ts';
import { AuthError } from './auth-error.ts';

/** A token and, where it is known, when it ends. */
export interface AccessToken {
  readonly token: string;
  /** The instant it expires, in milliseconds since the epoch as `Date.now()` counts. Left out, only a refusal tells. */
  readonly expiresAt?: number | undefined;
}

/** A token with or without its end. */
export type AccessTokenInit = string | AccessToken;

/** Runs something while no other holder of `name` does: `navigator.locks.request` in browsers. */
export type Lock = <T>(name: string, run: () => Promise<T>) => Promise<T>;

/** What a {@link SharedToken} needs to get tokens. */
export interface SharedTokenSource {
  /** Reads the token that is stored, perhaps by somebody else; `null` when there is none. */
  readonly load: () => AccessTokenInit | null | Promise<AccessTokenInit | null>;
  readonly refresh: (context: RefreshContext) => AccessTokenInit | Promise<AccessTokenInit>;
  readonly exclusive: <T>(run: () => Promise<T>) => Promise<T>;
  /** Milliseconds before its end from which a token counts as expired. */
  readonly skew: number;
  /** The longest a refresh may take, in milliseconds. */
  readonly timeout: number;
}

/** What a refresh is given. */
export interface RefreshContext {
  /** The token that expired, `null` for the first. */
  readonly previous: AccessToken | null;
  /** Ends when the refresh takes too long. One caller's abort never ends it: the others wait for it too. */
  readonly signal: AbortSignal;
}

/** One failed refresh. Its identity tells requests that were under way from later ones. */
export interface RefreshFailure {
  readonly error: unknown;
}

/**
 * One token for many concurrent requests, with at most one refresh under way.
 *
 * Tokens are told apart by identity: whoever was refused with an older one than the current gets the current.
 */
export class SharedToken {
  readonly #source: SharedTokenSource;
  #current: AccessToken | null = null;
  #freshUntil = Number.POSITIVE_INFINITY;
  #flight: Promise<AccessToken> | null = null;
  #failure: RefreshFailure | null = null;

  constructor(source: SharedTokenSource, initial: AccessToken | null) {
    this.#source = source;
    if (initial) this.#adopt(initial);
  }

  /** The newest token, expired or not. */
  get current(): AccessToken | null {
    return this.#current;
  }

  /** The newest token when it can be sent, else `null`. */
  get fresh(): AccessToken | null {
    return Date.now() < this.#freshUntil ? this.#current : null;
  }

  /** The last refresh, if it failed. */
  get failure(): RefreshFailure | null {
    return this.#failure;
  }

  /**
   * Joins the refresh that is under way, or starts one.
   *
   * @param signal ends this wait alone
   */
  renew(signal: AbortSignal | null | undefined): Promise<AccessToken> {
    if (this.#flight === null) {
      const flight = this.#run();
      this.#flight = flight;
      const land = (): void => {
        this.#flight = null;
      };
      // First in the queue: whoever is woken by this flight may start the next.
      flight.then(land, land);
    }
    return signal ? abandonable(this.#flight, signal) : this.#flight;
  }

  async #run(): Promise<AccessToken> {
    try {
      const token = await this.#limited((signal) => this.#source.exclusive(() => this.#obtain(signal)));
      this.#adopt(token);
      return token;
    } catch (cause) {
      const error =
        cause instanceof AuthError ? cause : new AuthError('the token could not be refreshed', { cause });
      this.#failure = { error };
      throw error;
    }
  }

  async #obtain(signal: AbortSignal): Promise<AccessToken> {
    const { load, refresh, skew } = this.#source;
    const loaded = await load();
    const stored = loaded === null ? null : toAccessToken(loaded, 'token');
    // Somebody else, such as another tab before it gave the lock back, has refreshed it already.
    const isNew = stored !== null && stored.token !== this.#current?.token;
    if (isNew && Date.now() < freshUntil(stored, skew)) return stored;
    signal.throwIfAborted();
    return toAccessToken(await refresh({ previous: stored ?? this.#current, signal }), 'refresh');
  }

  #limited<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const { timeout } = this.#source;
      const controller = new AbortController();
      const timedOut = (): void => {
        const error = new AuthError(`the token was not refreshed within ${timeout} ms`);
        controller.abort(error);
        reject(error);
      };
      const timer = new Timer({ timedOut }, 'refresh');
      timer.start(timeout);
      run(controller.signal)
        .then(resolve, reject)
        .finally(() => timer.stop());
    });
  }

  #adopt(token: AccessToken): void {
    this.#current = token;
    this.#freshUntil = freshUntil(token, this.#source.skew);
    this.#failure = null;
  }
}

/**
 * Reads a token from what a function of the caller's gave.
 *
 * @throws {TypeError} naming `source` when it is none; never shows it
 */
export const toAccessToken = (value: unknown, source: string): AccessToken => {
  if (typeof value === 'string' && value !== '') return { token: value };
  if (typeof value === 'object' && value !== null) {
    const { token, expiresAt } = value as Partial<AccessToken>;
    const isEnd = expiresAt === undefined || (typeof expiresAt === 'number' && !Number.isNaN(expiresAt));
    if (typeof token === 'string' && token !== '' && isEnd) return { token, expiresAt };
  }
  throw new TypeError(`refreshing ${source} must give a token or { token, expiresAt }, got ${typeof value}`);
};

// A token that lives no longer than the skew would never be fresh: it is used for half its life.
const freshUntil = ({ expiresAt }: AccessToken, skew: number): number =>
  expiresAt === undefined
    ? Number.POSITIVE_INFINITY
    : expiresAt - Math.max(0, Math.min(skew, (expiresAt - Date.now()) / 2));

const abandonable = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const abandon = (): void => reject(signal.reason);
    if (signal.aborted) abandon();
    signal.addEventListener('abort', abandon);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abandon));
  });
