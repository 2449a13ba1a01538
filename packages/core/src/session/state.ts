import { type Auth, toAuth } from '../auth/auth.ts';
import { callCookies } from '../cookies/call-cookies.ts';
import type { CookiesInit, Jar, JarOptions } from '../cookies/cookie-jar.ts';
import { SessionClosedError, UnsupportedOptionError } from '../errors.ts';
import type { Middleware } from '../middleware.ts';
import type { SessionOptions } from '../options/call-options.ts';
import { defaultOptions, type ResolvedOptions, resolveOptions } from '../options/resolve-options.ts';
import type { DownloadOptions, DownloadResult, Platform } from '../platform.ts';
import { redactUrl } from '../redact.ts';
import { isPlainHeader } from '../redirect/credential-filter.ts';
import { requestAfter } from '../redirect/follow-redirects.ts';
import { HeaderList } from '../request/header-list.ts';
import { createLiveHeaders, type LiveHeaders } from '../request/live-headers.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import { mergePairs } from '../request/query.ts';
import { parseBaseURL, type RequestURL, resolveURL } from '../request/request-url.ts';
import type { SessionResponse } from '../response/session-response.ts';
import { RetryBudget } from '../retry/retry-budget.ts';
import { useClock } from '../timeout/timer.ts';
import type { Transport } from '../transport/transport.ts';
import type { PlatformOption } from '../transport/transport-options.ts';
import { checkCapabilities } from './check-transport.ts';
import { guarded, type Stage } from './guard-middleware.ts';
import type { Inherited } from './inheritance.ts';
import { Mounts, sendMounted } from './mounts.ts';
import { buildPipeline, type Pipeline } from './pipeline.ts';
import { readSignal, type SessionDefaults } from './prepare.ts';
import { checkHeaders } from './prepare-headers.ts';
import { runCall } from './run-call.ts';
import type { SessionLine } from './session-json.ts';
import { originOf, readOrigins } from './session-origins.ts';
import { SessionScope } from './session-scope.ts';

/** A session's own state, as its layers see it. */
export class State implements SessionDefaults {
  readonly platform: Platform;
  readonly options: ResolvedOptions;
  readonly headers: LiveHeaders = createLiveHeaders();
  readonly params: URLSearchParams = new URLSearchParams();
  readonly baseUrl: URL | null;
  readonly boundOrigins: ReadonlySet<string> | null;
  readonly signal: AbortSignal | null;
  readonly transport: Transport;
  readonly jar: Jar | null;
  readonly mounts: Mounts;
  readonly retryBudget: RetryBudget;
  readonly scope: SessionScope;
  auth: Auth | null;
  readonly #given: SessionOptions;
  #callMiddlewares: readonly Middleware[];
  #exchangeMiddlewares: readonly Middleware[];
  #pipeline: Pipeline | null = null;
  #closing: Promise<void> | null = null;
  #defaultHeaders: HeaderList = HeaderList.empty;
  #headersVersion = -1;

  constructor(own: SessionOptions, platform: Platform, inherited: Inherited | null) {
    this.#given = own;
    this.platform = platform;
    if (platform.clock !== undefined) useClock(platform.clock);
    this.options = resolveOptions(own, inherited?.options ?? defaultOptions);
    this.baseUrl = own.baseUrl == null ? null : parseBaseURL(own.baseUrl);
    this.boundOrigins = readOrigins(this.baseUrl, own.origins);
    this.auth = own.auth == null ? null : toAuth(own.auth);
    this.signal = readSignal(own.signal);
    this.#fillHeaders(own);
    const params = own.params == null ? [] : mergePairs('params', [own.params]);
    for (const [name, value] of params) this.params.append(name, value);
    this.jar = this.#makeJar(own.cookies, inherited);
    this.scope = new SessionScope(inherited?.scope ?? null);
    this.retryBudget = inherited?.retryBudget ?? new RetryBudget();
    this.#callMiddlewares = inherited?.callMiddlewares ?? [];
    this.#exchangeMiddlewares = inherited?.exchangeMiddlewares ?? [];
    // Last: whatever else is wrong must not leave an open transport behind.
    this.mounts =
      inherited === null || own.pool !== undefined
        ? Mounts.over(platform.createTransport(this.options.transport), inherited?.mounts)
        : inherited.mounts.copy();
    this.transport = this.mounts.fallback;
    checkCapabilities(this.transport, this.options.transport, false);
    if (inherited !== null) this.transport.check?.(this.options.transport);
  }

  get closed(): boolean {
    return this.scope.isCancelled;
  }

  use(middleware: Middleware, stage: Stage): void {
    const added = guarded(middleware, stage);
    this.#pipeline = null;
    if (stage === 'call') this.#callMiddlewares = [...this.#callMiddlewares, added];
    else this.#exchangeMiddlewares = [...this.#exchangeMiddlewares, added];
  }

  defaultHeaders(): HeaderList {
    if (this.#headersVersion !== this.headers.version) {
      this.#defaultHeaders = HeaderList.from(this.headers.toInit());
      this.#headersVersion = this.headers.version;
    }
    return this.#defaultHeaders;
  }

  transportFor(target: RequestURL): Transport {
    return this.mounts.find(target);
  }

  /** The options of the connection that the transport for a URL honours. */
  transportOptions(url: string | URL): readonly PlatformOption[] {
    return this.mounts.find(resolveURL(url, this.baseUrl)).capabilities.options;
  }

  netrc(): Auth | null {
    const { trustEnv } = this.options.transport;
    return typeof trustEnv === 'object' && trustEnv.netrc === true ? (this.platform.netrc?.() ?? null) : null;
  }

  nextRequest(response: SessionResponse): PreparedRequest | null {
    return requestAfter(response);
  }

  resend(
    response: SessionResponse,
    headers: Readonly<Record<string, string | null>>,
    signal: AbortSignal | undefined,
  ): Promise<SessionResponse> {
    const { call } = response.request;
    const hop = response.request.hop ?? response.request;
    const renewed = call.following(response, signal);
    return this.repeat(
      hop.with({
        headers: hop.headers.merge(headers),
        call: renewed,
        scope: renewed.scope,
        options: { ...hop.options, raiseForStatus: false },
      }),
    );
  }

  download(response: SessionResponse, path: string, options: DownloadOptions): Promise<DownloadResult> {
    const { download } = this.platform;
    if (download === undefined) {
      return Promise.reject(new UnsupportedOptionError('download', this.platform.name, 'there are no files'));
    }
    return download(response, path, options);
  }

  /** Sends a request through the pipeline. */
  run(request: PreparedRequest): Promise<SessionResponse> {
    return this.#run(request, 'whole');
  }

  repeat(request: PreparedRequest): Promise<SessionResponse> {
    return this.#run(request, 'again');
  }

  #run(request: PreparedRequest, way: keyof Pipeline): Promise<SessionResponse> {
    if (this.closed) return Promise.reject(new SessionClosedError());
    this.#pipeline ??= this.#compose();
    return runCall(request, this.#pipeline[way]);
  }

  #compose(): Pipeline {
    return buildPipeline({
      callMiddlewares: this.#callMiddlewares,
      exchangeMiddlewares: this.#exchangeMiddlewares,
      cookies:
        this.jar === null || this.platform.cookies === null
          ? callCookies
          : this.platform.cookies.middleware(this.jar),
      send: (request) => this.#send(request),
    });
  }

  /** The options of a child: what this session has and the child does not say. */
  optionsFor(own: SessionOptions): SessionOptions {
    const stays = own.baseUrl === undefined || this.#isBoundTo(own.baseUrl);
    const headers = HeaderList.from(this.headers.toInit());
    return {
      ...own,
      baseUrl: own.baseUrl === undefined ? this.baseUrl : own.baseUrl,
      origins: own.origins ?? (own.baseUrl === undefined ? this.#given.origins : undefined),
      headers:
        own.headers === null
          ? null
          : (stays ? headers : headers.filter(isPlainHeader)).merge(own.headers).toInit(),
      params:
        own.params === null ? null : mergePairs('params', [stays ? this.params : undefined, own.params]),
      auth: own.auth === undefined ? (stays ? this.auth : null) : own.auth,
      signal: own.signal === undefined ? this.signal : own.signal,
    };
  }

  /** Whether this session's credentials may go to a base: anywhere, where they are bound to no origin. */
  #isBoundTo(baseUrl: string | URL | null): boolean {
    if (this.boundOrigins === null) return true;
    return baseUrl !== null && this.boundOrigins.has(originOf(parseBaseURL(baseUrl)));
  }

  inheritance(): Inherited {
    return {
      options: this.options,
      mounts: this.mounts,
      jar: this.jar,
      callMiddlewares: this.#callMiddlewares,
      exchangeMiddlewares: this.#exchangeMiddlewares,
      retryBudget: this.retryBudget,
      scope: this.scope,
    };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** What a log may show of the session. */
  toLine(): SessionLine {
    return {
      session: this.platform.name,
      baseUrl: this.baseUrl === null ? null : redactUrl(this.baseUrl.href),
      closed: this.closed,
    };
  }

  async #close(): Promise<void> {
    this.scope.cancel(new SessionClosedError());
    await Promise.all([...this.mounts.release()].map((transport) => transport.close()));
  }

  #send(request: PreparedRequest): Promise<SessionResponse> {
    const transport = this.mounts.find(request.target);
    // Again: a redirect, hook or middleware may have led elsewhere or changed headers, and another session may have prepared it.
    checkCapabilities(transport, request.options.transport, transport !== this.transport);
    checkHeaders(request.headers, transport);
    return transport === this.transport ? transport.send(request) : sendMounted(transport, request);
  }

  // An inherited list holds the parent's defaults, except where they were removed.
  #fillHeaders(own: SessionOptions): void {
    const defaults: Record<string, string> = { Accept: '*/*' };
    if (this.platform.userAgent !== null) defaults['User-Agent'] = this.platform.userAgent;
    const list = own.headers === null ? HeaderList.empty : HeaderList.from(defaults, own.headers);
    for (const [name, value] of list.toInit()) {
      if (value === null) this.headers.delete(name);
      else this.headers.set(name, value);
    }
  }

  #makeJar(init: CookiesInit | JarOptions | null | undefined, inherited: Inherited | null): Jar | null {
    if (init === false || init === null) return null;
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
    return cookies.createJar(
      init,
      this.baseUrl === null ? null : `${originOf(this.baseUrl)}${this.baseUrl.pathname}`,
    );
  }
}
