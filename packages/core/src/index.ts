// The public names of core, by topic. Platform packages and the umbrella pass them on.
export { type ApiKeyOptions, apiKey } from './auth/api-key.ts';
export type { Auth, AuthFlow, AuthFunction, AuthInit, AuthRequest, AuthResponse } from './auth/auth.ts';
export { AuthError } from './auth/auth-error.ts';
export { type BasicOptions, basic, basicAuthorization } from './auth/basic.ts';
export { bearer, type TokenSource } from './auth/bearer.ts';
export { type Challenge, parseChallenges } from './auth/challenge.ts';
export { type DigestOptions, digest } from './auth/digest.ts';
export { type OAuth2Options, oauth2 } from './auth/oauth2.ts';
export { OAuth2Error } from './auth/oauth2-error.ts';
export { type RefreshingOptions, refreshing } from './auth/refreshing.ts';
export type { Call } from './call.ts';
export { Chain, type ChainLink } from './chain.ts';
export { callCookies, cookieHeader, withCookieHeader } from './cookies/call-cookies.ts';
export type { CookieFilter, CookieRecord, CookiesInit, Jar, JarOptions } from './cookies/cookie-jar.ts';
export { type DecoratedInit, type DecorateOptions, decorate, type FetchFunction } from './decorate.ts';
export { Deferred } from './deferred.ts';
export {
  connectionVariables,
  type EnvironmentProxies,
  proxyFromEnvironment,
  proxyVariables,
} from './environment/environment-proxy.ts';
export { findNetrc, type NetrcEntry, parseNetrc } from './environment/netrc.ts';
export { bypassesProxy } from './environment/no-proxy.ts';
export {
  checkProxyInit,
  type ProxyAddress,
  type ProxyInit,
  type ProxyMap,
  resolveProxy,
} from './environment/proxy-decision.ts';
export { type ProxyScheme, parseProxyUrl } from './environment/proxy-url.ts';
export {
  BodyError,
  BodyTooLargeError,
  type ConnectionDetails,
  ConnectionError,
  type ConnectionPhase,
  DecodingError,
  type ErrorDetails,
  HTTPError,
  IncompleteBodyError,
  InvalidCookieError,
  InvalidHeaderError,
  InvalidURLError,
  JSONDecodeError,
  ProxyError,
  RedirectError,
  RequestError,
  type ResponseErrorDetails,
  RetryError,
  SchemaError,
  SessionClosedError,
  SessionError,
  TimeoutError,
  type TimeoutPhase,
  TLSError,
  TooManyRedirectsError,
  UnreplayableBodyError,
  UnsafeRedirectError,
  UnsupportedOptionError,
} from './errors.ts';
export type { Hooks, HooksInit, ResolvedHooks } from './hooks/hooks.ts';
export { compose, type Middleware, type Next } from './middleware.ts';
export { onDemand } from './on-demand.ts';
export type { CallOptions, Progress, SessionOptions, SharedOptions } from './options/call-options.ts';
export { knownOptions } from './options/known-options.ts';
export type { ResolvedOptions } from './options/resolve-options.ts';
export type { CookieSupport, DownloadOptions, DownloadResult, Platform } from './platform.ts';
export { redactUrl } from './redact.ts';
export type { RedirectInit, RedirectOptions, Redirects } from './redirect/redirect-options.ts';
export { concatBytes } from './request/byte-chunks.ts';
export { HeaderList, type HeadersInit, type HeaderValue } from './request/header-list.ts';
export type { MultipartInit, MultipartValue } from './request/multipart.ts';
export { PreparedRequest, type PreparedRequestParts } from './request/prepared-request.ts';
export type { ParamsInit, ParamValue, Scalar } from './request/query.ts';
export type { BodyInit, RequestBody } from './request/request-body.ts';
export type { RequestURL } from './request/request-url.ts';
export type { BodyOwner, BodySource } from './response/body-source.ts';
export { ChunkQueue, type Producer } from './response/chunk-queue.ts';
export { type Link, parseLinks } from './response/links.ts';
export { readAllOf } from './response/read-all.ts';
export type { ResponseCookie, ResponseCookies } from './response/response-cookies.ts';
export { responseFrom } from './response/response-from.ts';
export type {
  ConnectionInfo,
  LinesOptions,
  ResponseHead,
  ResponseTag,
  TextOptions,
  Timings,
} from './response/response-head.ts';
export {
  type HeaderSource,
  headerLines,
  nativeHeaders,
  ResponseHeaders,
} from './response/response-headers.ts';
export { SessionResponse } from './response/session-response.ts';
export type { ServerSentEvent } from './response/sse.ts';
export type { SchemaIssue, StandardSchema } from './response/standard-schema.ts';
export { status } from './response/status-codes.ts';
export type { Backoff } from './retry/backoff.ts';
export { retryAfterMs } from './retry/retry-after.ts';
export type {
  RedirectLimits,
  RetryInit,
  RetryKind,
  RetryOptions,
  RetryOutcome,
  RetryPolicy,
} from './retry/retry-options.ts';
export { urllib3Retry } from './retry/urllib3-retry.ts';
export type { Urllib3Count, Urllib3RetryOptions } from './retry/urllib3-retry-options.ts';
export type { CredentialSource } from './session/credential.ts';
export type { ExplainedOption, Explanation, OptionSource } from './session/explain.ts';
export type { Stage } from './session/guard-middleware.ts';
export { type ModuleHelpers, moduleHelpers } from './session/module-helpers.ts';
export type { MountPattern } from './session/mounts.ts';
export type { PaginateOptions } from './session/paginate.ts';
export { readSignal } from './session/prepare.ts';
export { ResponsePromise } from './session/response-promise.ts';
export { type SendOptions, Session } from './session/session.ts';
export {
  readSessionJSON,
  type SessionJSON,
  type SessionJSONOptions,
  type SessionLine,
} from './session/session-json.ts';
export type { SessionState } from './session/session-state.ts';
export { type CancelListener, CancelScope } from './timeout/cancel-scope.ts';
export { type PhaseOwner, PhaseTimer } from './timeout/phase-timer.ts';
export { sharedClock } from './timeout/shared-clock.ts';
export type { TimeoutInit, TimeoutLimits, Timeouts } from './timeout/timeout-options.ts';
export { type Clock, Timer, type TimerOwner } from './timeout/timer.ts';
export { beyondFetch, type FetchGaps } from './transport/beyond-fetch.ts';
export { checkConnectionOptions } from './transport/check-connection-options.ts';
export { withChosenProxy } from './transport/chosen-proxy.ts';
export { codingsOf } from './transport/content-codings.ts';
export { countedBody } from './transport/counted-body.ts';
export { translateFetchError } from './transport/fetch-errors.ts';
export {
  type FetchLike,
  type FetchTransportOptions,
  fetchCapabilities,
  fetchTransport,
  fetchTransportWith,
} from './transport/fetch-transport.ts';
export { LazyTransport } from './transport/lazy-transport.ts';
export { type PoolSettings, readPoolOptions } from './transport/pool-options.ts';
export { refuseOptions } from './transport/refuse-options.ts';
export type { Transport, TransportCapabilities, TransportStats } from './transport/transport.ts';
export {
  noTransportOptions,
  type PlatformOption,
  type PoolOptions,
  type TlsInit,
  type TlsVersion,
  type TransportOptions,
} from './transport/transport-options.ts';
export { userAgent } from './transport/user-agent.ts';
