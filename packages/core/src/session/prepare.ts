import type { Auth } from '../auth/auth.ts';
import { Call } from '../call.ts';
import { readCallCookies } from '../cookies/call-cookies.ts';
import { InvalidURLError, UnsupportedOptionError } from '../errors.ts';
import { kindOf } from '../kind-of.ts';
import type { CallOptions } from '../options/call-options.ts';
import { noOptions, ownOptions, type ResolvedOptions, resolveOptions } from '../options/resolve-options.ts';
import { HeaderList } from '../request/header-list.ts';
import { PreparedRequest } from '../request/prepared-request.ts';
import { appendParams } from '../request/query.ts';
import { parseBaseURL, type RequestURL, resolveURL } from '../request/request-url.ts';
import type { Transport } from '../transport/transport.ts';
import { checkCallOptions, checkCapabilities } from './check-transport.ts';
import { chooseCredential } from './credential.ts';
import { prepareBody } from './prepare-body.ts';
import { checkHeaders, mergeHeaders } from './prepare-headers.ts';
import { isBoundTo } from './session-origins.ts';
import type { SessionState } from './session-state.ts';

/** What preparing needs of a session. */
export interface SessionDefaults extends SessionState {
  readonly options: ResolvedOptions;
  readonly baseUrl: URL | null;
  /** The origins that credentials and default headers are bound to; `null`: each direct call's own. */
  readonly boundOrigins: ReadonlySet<string> | null;
  readonly auth: Auth | null;
  readonly params: URLSearchParams;
  readonly signal: AbortSignal | null;
  /** The session's own transport, which mounts stand before. */
  readonly transport: Transport;
  /** The session's headers as a list, made anew only after they changed. */
  defaultHeaders(): HeaderList;
  transportFor(target: RequestURL): Transport;
  /** Credentials from netrc, when `trustEnv` asks for them. */
  netrc(): Auth | null;
}

/** Merges, resolves and encodes: from what a caller wrote to the request as it will be sent, minus cookies and credentials. */
export const prepareRequest = (
  session: SessionDefaults,
  givenMethod: string,
  url: string | URL,
  given: CallOptions | undefined,
): PreparedRequest => {
  const own = given === undefined ? noOptions : readOptions(given);
  const options = resolveOptions(own, session.options);
  const method = readMethod(givenMethod);
  const direct = resolveURL(url, baseFor(session, own));
  const params = isBoundTo(session.boundOrigins, direct.origin) ? session.params : noParams;
  const target = withParams(direct, params, own.params);
  if (target.hostname === '' && /^https?:$/.test(target.protocol))
    throw new InvalidURLError('the URL has no host');
  const transport = session.transportFor(target);
  checkCapabilities(transport, options.transport, transport !== session.transport);
  checkCallOptions(transport, options.transport, own);
  const callHeaders = own.headers === undefined ? HeaderList.empty : HeaderList.from(own.headers);
  const body = prepareBody(own, method, callHeaders, options);
  if (body !== null && (method === 'GET' || method === 'HEAD') && !transport.capabilities.bodyOnGet) {
    throw new UnsupportedOptionError('body', transport.name, `${method} with a body`);
  }
  const headers = mergeHeaders(session, target, own, callHeaders, body);
  checkHeaders(headers, transport);
  const { auth, authOrigins } = chooseCredential(session, own, callHeaders, direct, target);
  const call = new Call({
    session,
    auth,
    authOrigins,
    cookies: readCookies(own, transport),
    origin: target.origin,
    signal: joinSignals(readSignal(own.signal), session.signal, own.signal === null),
    total: options.timeout.total,
  });
  return new PreparedRequest({ method, target, headers, body, options, call, scope: call.scope });
};

/** The base that a call's URL is resolved against. */
export const baseFor = (session: { readonly baseUrl: URL | null }, own: CallOptions): URL | null => {
  if (own.baseUrl === undefined) return session.baseUrl;
  return own.baseUrl === null ? null : parseBaseURL(own.baseUrl);
};

const readOptions = (given: CallOptions): CallOptions => {
  const own = ownOptions(given, 'call');
  const { headers } = own;
  // A generator of headers can be read once; they are needed twice.
  return isOnceOnly(headers) ? Object.assign(own, { headers: [...headers] }) : own;
};

const isOnceOnly = (headers: unknown): headers is Iterable<readonly [string, string]> =>
  typeof headers === 'object' &&
  headers !== null &&
  Symbol.iterator in headers &&
  !(Array.isArray(headers) || headers instanceof Headers || headers instanceof HeaderList);

// RFC 9110 9.1: methods are case-sensitive tokens. Everybody who writes `patch` means PATCH, so all are upper-cased, as in requests.
const readMethod = (given: string): string => {
  if (knownMethods.has(given)) return given;
  if (typeof given !== 'string') throw new TypeError(`method must be a string, got ${typeof given}`);
  const method = given.toUpperCase();
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Z]+$/.test(method)) {
    throw new TypeError(`method must be a token, got ${JSON.stringify(given.slice(0, 40))}`);
  }
  if (method === 'CONNECT')
    throw new TypeError('method must not be CONNECT: tunnels belong to the proxy option');
  return method;
};

const knownMethods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'QUERY',
  'TRACE',
]);

// A session's parameters may hold a key: they stay at its origins, as its headers and credentials do.
const noParams: URLSearchParams = /* @__PURE__ */ new URLSearchParams();

const withParams = (
  direct: RequestURL,
  session: URLSearchParams,
  call: CallOptions['params'],
): RequestURL => {
  if (session.size > 0) return appendParams(direct, session, call);
  return call === undefined ? direct : appendParams(direct, call);
};

const readCookies = (own: CallOptions, transport: Transport): ReadonlyMap<string, string | null> | null => {
  const cookies = readCallCookies(own.cookies);
  if (cookies !== null && transport.capabilities.cookies === 'native') {
    throw new UnsupportedOptionError('cookies', transport.name, 'the platform sets the Cookie header itself');
  }
  return cookies;
};

/** @throws {TypeError} for anything but an `AbortSignal`, `null` and `undefined` */
export const readSignal = (given: AbortSignal | null | undefined): AbortSignal | null => {
  if (given === undefined || given === null) return null;
  if (typeof given !== 'object' || typeof given.addEventListener !== 'function' || !('aborted' in given)) {
    throw new TypeError(`signal must be an AbortSignal, got ${kindOf(given)}`);
  }
  return given;
};

// A call ends by its own signal or the session's, unless it asked for none.
const joinSignals = (
  call: AbortSignal | null,
  session: AbortSignal | null,
  none: boolean,
): AbortSignal | null => {
  if (call === null || session === null) return none ? null : (call ?? session);
  return AbortSignal.any([call, session]);
};
