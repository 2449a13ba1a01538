import { type Auth, type AuthInit, toAuth } from '../auth/auth.ts';
import { callCookies } from '../cookies/call-cookies.ts';
import type { CookiesInit, Jar, JarOptions } from '../cookies/cookie-jar.ts';
import { RequestError, SessionClosedError, UnsupportedOptionError } from '../errors.ts';
import { inspectAs } from '../inspect.ts';
import type { Middleware, Next } from '../middleware.ts';
import type { CallOptions, SessionOptions } from '../options/call-options.ts';
import {
  defaultOptions,
  ownOptions,
  type ResolvedOptions,
  resolveOptions,
} from '../options/resolve-options.ts';
import type { DownloadOptions, DownloadResult, Platform } from '../platform.ts';
import { redirectRequest } from '../redirect/redirect-request.ts';
import { HeaderList } from '../request/header-list.ts';
import { LiveHeaders } from '../request/live-headers.ts';
import { PreparedRequest } from '../request/prepared-request.ts';
import { mergePairs } from '../request/query.ts';
import { parseBaseURL, type RequestURL } from '../request/request-url.ts';
import type { SessionResponse } from '../response/session-response.ts';
import { RetryBudget } from '../retry/retry-budget.ts';
import { CancelScope } from '../timeout/cancel-scope.ts';
import type { Transport, TransportStats } from '../transport/transport.ts';
import { type Explanation, explainCall } from './explain.ts';
import { type MountPattern, Mounts } from './mounts.ts';
import { type PaginateOptions, paginate } from './paginate.ts';
import { buildPipeline } from './pipeline.ts';
import { prepareRequest, type SessionDefaults } from './prepare.ts';
import { ResponsePromise } from './response-promise.ts';
import { runCall } from './run-call.ts';
import { fetchThrough } from './session-fetch.ts';
import { type SessionJSON, type SessionJSONOptions, sessionToJSON } from './session-json.ts';

/** Where in the pipeline a middleware of the user's stands: once per call, or once per message that leaves. */
export type Stage = 'call' | 'exchange';

/** What a child takes over from its parent. */
interface Inherited {
  readonly options: ResolvedOptions;
  readonly mounts: Mounts;
  readonly jar: Jar | null;
  readonly callMiddlewares: readonly Middleware[];
  readonly exchangeMiddlewares: readonly Middleware[];
  readonly retryBudget: RetryBudget;
}

const inheritance: WeakMap<SessionOptions, Inherited> = new WeakMap();

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
  #pipeline: Next | null = null;

  constructor(given: SessionOptions, platform: Platform) {
    const own = ownOptions(given, 'session');
    const inherited = inheritance.get(given) ?? null;
    this.#state = new State(own, platform, inherited, this);
    this.headers = this.#state.headers;
    this.params = this.#state.params;
    this.fetch = fetchThrough(this);
  }

  /** The session's cookies: live. @throws {UnsupportedOptionError} where the platform keeps them itself, or with `cookies: false` */
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

  /** Sends a request through the pipeline. */
  request(method: string, url: string | URL, options?: CallOptions): ResponsePromise {
    return new ResponsePromise(this.#start(() => prepareRequest(this.#state, method, url, options)));
  }

  get(url: string | URL, options?: CallOptions): ResponsePromise {
    return this.request('GET', url, options);
  }

  /** HEAD. Does not follow redirects unless told to, as in requests. */
  head(url: string | URL, options?: CallOptions): ResponsePromise {
    return this.request(
      'HEAD',
      url,
      options?.redirect === undefined ? { ...options, redirect: 'manual' } : options,
    );
  }

  options(url: string | URL, options?: CallOptions): ResponsePromise {
    return this.request('OPTIONS', url, options);
  }

  post(url: string | URL, options?: CallOptions): ResponsePromise {
    return this.request('POST', url, options);
  }

  put(url: string | URL, options?: CallOptions): ResponsePromise {
    return this.request('PUT', url, options);
  }

  patch(url: string | URL, options?: CallOptions): ResponsePromise {
    return this.request('PATCH', url, options);
  }

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

  /** Sends a prepared request, any number of times; `options` may change its policy and signal. */
  send(
    prepared: PreparedRequest,
    options?: Pick<CallOptions, 'timeout' | 'retry' | 'redirect' | 'raiseForStatus' | 'signal' | 'hooks'>,
  ): ResponsePromise {
    return new ResponsePromise(
      this.#start(() => {
        if (!(prepared instanceof PreparedRequest))
          throw new TypeError('send: prepared must be a PreparedRequest');
        const own = options === undefined ? {} : ownOptions<CallOptions>(options, 'call');
        const resolved = resolveOptions(own, prepared.options);
        const call = prepared.call.renewed(this.#state, resolved.timeout.total, own.signal);
        return prepared.with({ call, scope: call.scope, options: resolved });
      }),
    );
  }

  /** The effective options of a call, and whether each came from the call, the session, the environment or the defaults. */
  explain(method: string, url: string | URL, options?: CallOptions): Explanation {
    return explainCall(this.#state, this.prepare(method, url, options), options, this.#state.given);
  }

  /** Adds a middleware, inside those added before. `'call'`: once per call. `'exchange'`: once per message that leaves. */
  use(middleware: Middleware, stage: Stage = 'call'): this {
    if (typeof middleware !== 'function')
      throw new TypeError(`use: middleware must be a function, got ${typeof middleware}`);
    if (stage === 'call') this.#state.callMiddlewares = [...this.#state.callMiddlewares, middleware];
    else if (stage === 'exchange')
      this.#state.exchangeMiddlewares = [...this.#state.exchangeMiddlewares, middleware];
    else throw new TypeError(`use: stage must be 'call' or 'exchange', got ${JSON.stringify(stage)}`);
    this.#pipeline = null;
    return this;
  }

  /** Serves URLs by another transport; the most specific pattern wins. */
  mount(pattern: MountPattern, transport: Transport): this {
    if (typeof transport?.send !== 'function')
      throw new TypeError('mount: transport must have a send method');
    this.#state.mounts.mount(pattern, transport);
    return this;
  }

  /** A child with options of its own. Shares the transport and, unless `cookies` is given, the jar. */
  extend(options: SessionOptions): this {
    const own = ownOptions(options, 'session');
    const merged = this.#state.inheritInto(own);
    inheritance.set(merged, this.#state.inheritance());
    const Constructor = this.constructor as new (options: SessionOptions, platform: Platform) => this;
    return new Constructor(merged, this.#state.platform);
  }

  /** Follows `Link: rel=next` (or `next`) page by page. */
  paginate(url: string | URL, options?: PaginateOptions): AsyncGenerator<SessionResponse, void, undefined> {
    return paginate(this, url, options);
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

  /** Cookies, headers and params; credentials in headers only when asked for. For `Session.fromJSON`. */
  toJSON(options?: SessionJSONOptions | string): SessionJSON {
    // JSON.stringify passes the property's key.
    return sessionToJSON(this.#state, typeof options === 'object' ? options : {});
  }

  /** Ends every call in flight and closes the connections. Later calls reject with `SessionClosedError`. */
  async close(): Promise<void> {
    await this.#state.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // Async, so that whatever is wrong with the arguments rejects like everything else.
  async #start(prepare: () => PreparedRequest): Promise<SessionResponse> {
    if (this.#state.closed) throw new SessionClosedError();
    const request = prepare();
    this.#pipeline ??= this.#state.compose();
    return runCall(request, this.#pipeline);
  }
}

/** A session's own state, as its layers see it. */
class State implements SessionDefaults {
  readonly given: SessionOptions;
  readonly platform: Platform;
  readonly options: ResolvedOptions;
  readonly headers: LiveHeaders = new LiveHeaders();
  readonly params: URLSearchParams = new URLSearchParams();
  readonly baseUrl: URL | null;
  readonly boundOrigins: ReadonlySet<string> | null;
  readonly signal: AbortSignal | null;
  readonly jar: Jar | null;
  readonly mounts: Mounts;
  readonly retryBudget: RetryBudget;
  readonly scope: CancelScope = new CancelScope();
  readonly #ownsTransport: boolean;
  auth: Auth | null;
  callMiddlewares: readonly Middleware[];
  exchangeMiddlewares: readonly Middleware[];
  closed = false;
  #defaultHeaders: HeaderList = HeaderList.empty;
  #headersVersion = -1;

  constructor(own: SessionOptions, platform: Platform, inherited: Inherited | null, session: Session) {
    this.given = own;
    this.platform = platform;
    this.options = resolveOptions(own, inherited?.options ?? defaultOptions);
    this.#ownsTransport = inherited === null;
    this.mounts = inherited?.mounts.copy() ?? new Mounts(platform.createTransport(this.options.transport));
    this.baseUrl = own.baseUrl === undefined || own.baseUrl === null ? null : parseBaseURL(own.baseUrl);
    this.boundOrigins = readOrigins(this.baseUrl, own.origins);
    this.auth = own.auth === undefined || own.auth === null ? null : toAuth(own.auth);
    this.signal = own.signal ?? null;
    this.retryBudget = inherited?.retryBudget ?? new RetryBudget();
    this.callMiddlewares = inherited?.callMiddlewares ?? [];
    this.exchangeMiddlewares = inherited?.exchangeMiddlewares ?? [];
    this.#fillHeaders(own);
    for (const [name, value] of own.params == null ? [] : mergePairs('params', [own.params]))
      this.params.append(name, value);
    this.jar = this.#makeJar(own.cookies, inherited);
    void session;
  }

  defaultHeaders(): HeaderList {
    if (this.#headersVersion !== this.headers.version) {
      this.#defaultHeaders = HeaderList.from(this.headers.spelled());
      this.#headersVersion = this.headers.version;
    }
    return this.#defaultHeaders;
  }

  transportFor(target: RequestURL): Transport {
    return this.mounts.find(target);
  }

  netrc(): Auth | null {
    const { trustEnv } = this.options.transport;
    return typeof trustEnv === 'object' && trustEnv.netrc === true ? (this.platform.netrc?.() ?? null) : null;
  }

  nextRequest(response: SessionResponse): PreparedRequest | null {
    // Credentials of this hop are added anew by the layers when it is sent.
    return redirectRequest(
      response.request.with({ headers: response.request.headers.with('cookie', null) }),
      response,
    );
  }

  download(response: SessionResponse, path: string, options: DownloadOptions): Promise<DownloadResult> {
    const { download } = this.platform;
    if (download === undefined) {
      return Promise.reject(new UnsupportedOptionError('download', this.platform.name, 'there are no files'));
    }
    return download(response, path, options);
  }

  compose(): Next {
    return buildPipeline({
      callMiddlewares: this.callMiddlewares,
      exchangeMiddlewares: this.exchangeMiddlewares,
      cookies:
        this.jar === null || this.platform.cookies === null
          ? callCookies
          : this.platform.cookies.middleware(this.jar),
      send: (request) => this.mounts.find(request.target).send(request),
    });
  }

  /** The options of a child: what this session has and the child does not say. */
  inheritInto(own: SessionOptions): SessionOptions {
    return {
      ...own,
      baseUrl: own.baseUrl === undefined ? this.baseUrl : own.baseUrl,
      origins: own.origins ?? (own.baseUrl === undefined ? this.given.origins : undefined),
      headers: own.headers === null ? null : HeaderList.from(this.headers.spelled(), own.headers).toPairs(),
      params: own.params === null ? null : mergePairs('params', [this.params, own.params]),
      auth: own.auth === undefined ? this.auth : own.auth,
      signal: own.signal === undefined ? this.signal : own.signal,
    };
  }

  inheritance(): Inherited {
    return {
      options: this.options,
      mounts: this.mounts,
      jar: this.jar,
      callMiddlewares: this.callMiddlewares,
      exchangeMiddlewares: this.exchangeMiddlewares,
      retryBudget: this.retryBudget,
    };
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.scope.cancel(new SessionClosedError());
    if (!this.#ownsTransport) return;
    await Promise.all([...this.mounts.all()].map((transport) => transport.close()));
  }

  #fillHeaders(own: SessionOptions): void {
    const defaults: Record<string, string> = { Accept: '*/*' };
    if (this.platform.userAgent !== null) defaults['User-Agent'] = this.platform.userAgent;
    const list = own.headers === null ? HeaderList.empty : HeaderList.from(defaults, own.headers);
    for (const [name, value] of list.toPairs()) this.headers.set(name, value);
  }

  #makeJar(init: CookiesInit | JarOptions | undefined, inherited: Inherited | null): Jar | null {
    if (init === false) return null;
    const { cookies } = this.platform;
    if (cookies === null) {
      if (init === undefined) return null;
      throw new UnsupportedOptionError(
        'cookies',
        this.platform.name,
        'the platform keeps its cookies itself',
      );
    }
    if (init === undefined && inherited !== null) return inherited.jar;
    return cookies.createJar(init, this.baseUrl?.href ?? null);
  }
}

const readOrigins = (
  baseUrl: URL | null,
  origins: readonly string[] | undefined,
): ReadonlySet<string> | null => {
  if (origins === undefined) return baseUrl === null ? null : new Set([originOf(baseUrl)]);
  if (!Array.isArray(origins))
    throw new TypeError(`origins must be a list of origins, got ${typeof origins}`);
  const bound = new Set<string>(baseUrl === null ? [] : [originOf(baseUrl)]);
  for (const origin of origins) {
    if (typeof origin !== 'string' || !URL.canParse(origin))
      throw new TypeError(`origins must hold origins such as 'https://api.example.com'`);
    bound.add(originOf(new URL(origin)));
  }
  return bound;
};

const originOf = (url: URL): string => (url.origin === 'null' ? `${url.protocol}//${url.host}` : url.origin);
