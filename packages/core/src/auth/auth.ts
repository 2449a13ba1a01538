import { basic } from './basic.ts';

/** What a credential may see and change of a request. `PreparedRequest` satisfies it. */
export interface AuthRequest {
  readonly method: string;
  /** The absolute URL, without userinfo. */
  readonly url: string;
  /** `https://host:port`, as `URL.origin` writes it. */
  readonly origin: string;
  /** Whether the body can be sent a second time. */
  readonly replayable: boolean;
  /** Ends a wait for a shared token refresh for this request alone. */
  readonly signal?: AbortSignal | null | undefined;
  header(name: string): string | undefined;
  /** A copy with one header set, or removed by `null`. Never changes the request itself. */
  withHeader(name: string, value: string | null): this;
  /** A copy for another URL. */
  withUrl(url: string): this;
  /**
   * The body as it will be sent, `null` without one.
   *
   * @throws {UnreplayableBodyError} for a stream that can be read only once
   */
  bodyBytes(): Promise<Uint8Array | null> | Uint8Array | null;
}

/** What a credential may see of a response. `SessionResponse` and WHATWG `Response` satisfy it. */
export interface AuthResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
}

/** The messages of one authenticated exchange: requests go out of it, responses come in. */
export type AuthFlow =
  | AsyncGenerator<AuthRequest, void, AuthResponse>
  | Generator<AuthRequest, void, AuthResponse>;

/**
 * A credential: `AuthBase` of requests, `Auth` of httpx. It has `sign`, or `flow` when it must see the response.
 *
 * @example
 * ```ts
 * const challenged: Auth = {
 *   *flow(request) {
 *     const response = yield request;
 *     if (response.status === 401) yield request.withHeader('authorization', answer(response));
 *   },
 * };
 * ```
 */
export interface Auth {
  /** Signs a request without seeing a response. Used when there is no `flow`. */
  sign?(request: AuthRequest): AuthRequest | Promise<AuthRequest>;
  /** Yields each request to send and receives its response; the last response is the caller's. */
  flow?(request: AuthRequest): AuthFlow;
  /** Origins this credential may be sent to. Left out, the session decides. */
  readonly origins?: readonly string[];
}

/** A function that signs a request: it returns the signed copy, or nothing to send the request as it is. */
export type AuthFunction = (
  request: AuthRequest,
  // biome-ignore lint/suspicious/noConfusingVoidType: a function without a return statement is a valid signer
) => AuthRequest | undefined | void | Promise<AuthRequest | undefined | void>;

/** Everything the `auth` option takes: a credential, `[user, password]` for Basic, or a function. */
export type AuthInit = Auth | readonly [user: string, password: string] | AuthFunction;

/**
 * Makes a credential of whatever the `auth` option was given.
 *
 * @throws {TypeError} naming `auth` when it is none of the forms of {@link AuthInit}
 */
export function toAuth(init: AuthInit): Auth {
  if (typeof init === 'function') return { sign: (request) => signWith(init, request) };
  if (isPair(init)) {
    const [user, password] = init;
    return basic(user, password);
  }
  if (typeof init !== 'object' || init === null) {
    throw new TypeError(`auth must be ${FORMS}, got ${init === null ? 'null' : typeof init}`);
  }
  const [sign, flow, origins] = [memberOf(init, 'sign'), memberOf(init, 'flow'), memberOf(init, 'origins')];
  if (typeof sign !== 'function' && typeof flow !== 'function') {
    throw new TypeError(`auth must be ${FORMS}, got an object with neither`);
  }
  if (origins !== undefined && !(isList(origins) && origins.every(isOrigin))) {
    throw new TypeError(
      'auth.origins must be a list of http or https origins such as https://api.example.com',
    );
  }
  return init;
}

/** A member of a credential: its own or its class's, but nothing that was put on `Object.prototype`. */
export const memberOf = <Name extends keyof Auth>(auth: Auth, name: Name): Auth[Name] | undefined =>
  auth[name] === (Object.prototype as Auth)[name] ? undefined : auth[name];

const FORMS = '[user, password], a function or an object with sign() or flow()';

function signWith(sign: AuthFunction, request: AuthRequest): AuthRequest | Promise<AuthRequest> {
  const signed = sign(request);
  return isPromise(signed) ? signed.then((later) => checked(later, request)) : checked(signed, request);
}

const isPromise = <T>(value: T | Promise<T>): value is Promise<T> =>
  typeof value === 'object' && value !== null && 'then' in value;

// biome-ignore lint/suspicious/noConfusingVoidType: the return type of AuthFunction
function checked(signed: AuthRequest | undefined | void, request: AuthRequest): AuthRequest {
  if (signed === undefined) return request;
  if (typeof signed === 'object' && typeof signed?.withHeader === 'function') return signed;
  throw new TypeError(
    `auth must return a request or nothing, got ${signed === null ? 'null' : typeof signed}`,
  );
}

// A list of any other length is a mistake that would send half a credential.
function isPair(init: unknown): init is readonly [user: string, password: string] {
  if (!isList(init)) return false;
  if (init.length === 2) return true;
  throw new TypeError(`auth must be [user, password], got a list of ${init.length}`);
}

const isList = (value: unknown): value is readonly string[] => Array.isArray(value);

function isOrigin(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const url = new URL(value);
  return url.origin === value && /^https?:$/.test(url.protocol);
}
