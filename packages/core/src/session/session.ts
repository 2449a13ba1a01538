import { type Auth, type AuthInit, toAuth } from '../auth/auth.ts';
import type { Jar } from '../cookies/cookie-jar.ts';
import { RequestError, SessionClosedError, UnsupportedOptionError } from '../errors.ts';
import { inspectAs } from '../inspect.ts';
import { kindOf } from '../kind-of.ts';
import type { Middleware } from '../middleware.ts';
import type { CallOptions, SessionOptions } from '../options/call-options.ts';
import { ownOptions, resolveOptions } from '../options/resolve-options.ts';
import type { Platform } from '../platform.ts';
import { PreparedRequest } from '../request/prepared-request.ts';
import type { SessionResponse } from '../response/session-response.ts';
import type { Transport, TransportStats } from '../transport/transport.ts';
import { type Explanation, explainCall } from './explain.ts';
import type { Stage } from './guard-middleware.ts';
import { inheritanceOf, withInheritance } from './inheritance.ts';
import type { MountPattern } from './mounts.ts';
import { type PaginateOptions, paginate } from './paginate.ts';
import { prepareRequest, readSignal } from './prepare.ts';
import { ResponsePromise } from './response-promise.ts';
import { fetchThrough } from './session-fetch.ts';
import {
  type SessionJSON,
  type SessionJSONOptions,
  type SessionLine,
  sessionToJSON,
} from './session-json.ts';
import { State } from './state.ts';

/** What `send()` may change of a prepared request: its policy, not its content. */
export type SendOptions = Pick<
  CallOptions,
  'timeout' | 'retry' | 'redirect' | 'raiseForStatus' | 'signal' | 'hooks'
>;

const sendOptions: ReadonlySet<string> = new Set([
  'timeout',
  'retry',
  'redirect',
  'raiseForStatus',
  'signal',
  'hooks',
]);

/**
 * One object that keeps cookies, headers, credentials, connections and policy over many HTTP requests.
 *
 * Platform packages bind it to a transport; import it from `httpsession`.
 */
export class Session implements AsyncDisposable {
  static {
    inspectAs(
      Session,
      (session) =>
        `Session { platform: ${session.#state.platform.name}${session.#state.closed ? ', closed' : ''} }`,
    );
  }

  /** The session's headers: live, applied to every later request. */
  readonly headers: Headers;
  /** The session's query parameters: live. */
  readonly params: URLSearchParams;
  /** `fetch` with this session's pipeline: WHATWG input and output, bound. */
  readonly fetch: typeof globalThis.fetch;

  readonly #state: State;

  constructor(given: SessionOptions, platform: Platform) {
    this.#state = new State(ownOptions(given, 'session'), platform, inheritanceOf(given));
    this.headers = this.#state.headers;
    this.params = this.#state.params;
    this.fetch = fetchThrough(this, (url) => this.#state.transportOptions(url));
  }

  /**
   * The session's cookies: live.
   * @throws {UnsupportedOptionError} where the platform keeps them itself
   * @throws {RequestError} with `cookies: false`
   */
  get cookies(): Jar {
    const { jar, platform } = this.#state;
    if (jar !== null) return jar;
    if (platform.cookies === null)
      throw new UnsupportedOptionError('cookies', platform.name, 'the platform keeps its cookies itself');
    throw new RequestError('this session keeps no cookies: it was made with cookies: false');
  }

  /** The session's credential: live. Takes what the `auth` option takes. */
  get auth(): Auth | null {
    return this.#state.auth;
  }

  set auth(init: AuthInit | null) {
    this.#state.auth = init === null ? null : toAuth(init);
  }

  /**
   * Sends a request through the pipeline. The method is sent in upper case.
   *
   * Whatever goes wrong, wrong arguments included, rejects; a status does not, unless `raiseForStatus` is set.
   */
  request(method: string, url: string | URL, options?: CallOptions): ResponsePromise {
    return new ResponsePromise(this.#start(method, url, options));
  }

  /** GET. Follows redirects. */
  get(url: string | URL, options?: CallOptions): ResponsePromise {
    return this.request('GET', url, options);
  }

  /** HEAD. Does not follow redirects unless the call says so, as in requests. */
  head(url: string | URL, options?: CallOptions): ResponsePromise {
    const given = options !== undefined && Object.hasOwn(options, 'redirect') ? options.redirect : undefined;
    if (given !== undefined || this.#state.options.redirect.mode === 'error') {
      return this.request('HEAD', url, options);
    }
    return this.request('HEAD', url, { ...options, redirect: 'manual' });
  }

  /** OPTIONS. Follows redirects. */
  options(url: string | URL, options?: CallOptions): ResponsePromise {
    return this.request('OPTIONS', url, options);
  }

  /** POST, with a body as `json`, `form`, `multipart` or `body`. By default repeated only when it provably never left. */
  post(url: string | URL, options?: CallOptions): ResponsePromise {
    return this.request('POST', url, options);
  }

  /** PUT, with a body as `json`, `form`, `multipart` or `body`. */
  put(url: string | URL, options?: CallOptions): ResponsePromise {
    return this.request('PUT', url, options);
  }

  /** PATCH, with a body as `json`, `form`, `multipart` or `body`. By default repeated only when it provably never left. */
  patch(url: string | URL, options?: CallOptions): ResponsePromise {
    return this.request('PATCH', url, options);
  }

  /** DELETE. May have a body. */
  delete(url: string | URL, options?: CallOptions): ResponsePromise {
    return this.request('DELETE', url, options);
  }

  /** QUERY: safe and idempotent like GET, with a body (draft-ietf-httpbis-safe-method-w-body). */
  query(url: string | URL, options?: CallOptions): ResponsePromise {
    return this.request('QUERY', url, options);
  }

  /**
   * Merges, resolves and encodes a request without sending it. Cookies and credentials are added when it is sent.
   * @throws what `request()` would reject with before sending
   */
  prepare(method: string, url: string | URL, options?: CallOptions): PreparedRequest {
    return prepareRequest(this.#state, method, url, options);
  }

  /**
   * Sends a prepared request, any number of times as long as its body can be sent again. `options` change its policy for this
   * time; hooks are appended to those it was prepared with.
   */
  send(prepared: PreparedRequest, options?: SendOptions): ResponsePromise {
    return new ResponsePromise(this.#startAgain(prepared, options));
  }

  /** The effective options of a call, and whether each came from the call, the session, the environment or the defaults. */
  explain(method: string, url: string | URL, options?: CallOptions): Explanation {
    return explainCall(this.#state, this.prepare(method, url, options), url, options ?? {});
  }

  /** Adds a middleware, inside those added before. `'call'`: once per call. `'exchange'`: once per message that leaves. */
  use(middleware: Middleware, stage: Stage = 'call'): this {
    if (typeof middleware !== 'function')
      throw new TypeError(`use: middleware must be a function, got ${kindOf(middleware)}`);
    if (stage !== 'call' && stage !== 'exchange')
      throw new TypeError(`use: stage must be 'call' or 'exchange', got ${JSON.stringify(stage)}`);
    this.#state.use(middleware, stage);
    return this;
  }

  /** Serves URLs by another transport; the most specific pattern wins. Closing the session closes it. */
  mount(pattern: MountPattern, transport: Transport): this {
    this.#state.mounts.mount(pattern, transport);
    return this;
  }

  /**
   * A child with options of its own. It shares the connections unless `pool` is given, and the jar unless `cookies` is;
   * middlewares and mounts are those of now. Closing a child leaves its parent alone; closing a parent closes its children.
   * With a `baseUrl` at an origin that the parent's credential and headers are not bound to, they stay with the parent.
   */
  extend(options: SessionOptions = {}): this {
    const own = ownOptions(options, 'session');
    const Constructor = this.constructor as new (options: SessionOptions, platform: Platform) => this;
    const given = withInheritance(this.#state.optionsFor(own), this.#state.inheritance());
    return new Constructor(given, this.#state.platform);
  }

  /** Follows `Link: rel=next` (or `next`) page by page. */
  paginate(url: string | URL, options?: PaginateOptions): AsyncGenerator<SessionResponse, void, undefined> {
    return paginate(this, this.#state.boundOrigins, url, options);
  }

  /** Sockets, waiting requests and unread bodies of all transports. */
  stats(): TransportStats {
    const sum = { sockets: 0, pending: 0, queued: 0, unreadBodies: 0 };
    for (const transport of this.#state.mounts.all()) {
      const stats = transport.stats?.();
      if (stats === undefined) continue;
      sum.sockets += stats.sockets;
      sum.pending += stats.pending;
      sum.queued += stats.queued;
      sum.unreadBodies += stats.unreadBodies;
    }
    return sum;
  }

  /**
   * Cookies, headers and params for `Session.fromJSON`; headers that may be credentials only when asked for.
   *
   * `JSON.stringify(session)`, which is what loggers do, gets a line without any of them: write `JSON.stringify(session.toJSON())`.
   */
  toJSON(options?: SessionJSONOptions): SessionJSON;
  toJSON(key: string): SessionLine;
  toJSON(options: SessionJSONOptions | string = {}): SessionJSON | SessionLine {
    return typeof options === 'string' ? this.#state.toLine() : sessionToJSON(this.#state, options);
  }

  /** Ends every call in flight and closes the connections. Later calls reject with `SessionClosedError`. */
  close(): Promise<void> {
    return this.#state.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // Whatever is wrong with the arguments rejects, like everything else. (Not async: it would be two more promises for each request.)
  #start(method: string, url: string | URL, options: CallOptions | undefined): Promise<SessionResponse> {
    try {
      if (this.#state.closed) throw new SessionClosedError();
      return this.#state.run(prepareRequest(this.#state, method, url, options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #startAgain(prepared: PreparedRequest, options: SendOptions | undefined): Promise<SessionResponse> {
    if (this.#state.closed) throw new SessionClosedError();
    if (!(prepared instanceof PreparedRequest))
      throw new TypeError(`send: prepared must be what prepare() returned, got ${kindOf(prepared)}`);
    const own: CallOptions = options === undefined ? {} : ownOptions<CallOptions>(options, 'call');
    for (const name of Object.keys(own)) {
      if (!sendOptions.has(name))
        throw new TypeError(`send: ${name} belongs to prepare(), the request is built already`);
    }
    const resolved = resolveOptions(own, prepared.options);
    const signal = own.signal === undefined ? undefined : readSignal(own.signal);
    const call = prepared.call.renewed(this.#state, resolved.timeout.total, signal);
    return this.#state.run(prepared.with({ call, scope: call.scope, options: resolved }));
  }
}
