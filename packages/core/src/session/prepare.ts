import { type Auth, toAuth } from '../auth/auth.ts';
import { basic } from '../auth/basic.ts';
import { Call } from '../call.ts';
import { readCallCookies } from '../cookies/call-cookies.ts';
import { InvalidHeaderError, InvalidURLError, UnsupportedOptionError } from '../errors.ts';
import type { CallOptions } from '../options/call-options.ts';
import { ownOptions, type ResolvedOptions, resolveOptions } from '../options/resolve-options.ts';
import { isPlainHeader } from '../redirect/credential-filter.ts';
import { HeaderList } from '../request/header-list.ts';
import { PreparedRequest } from '../request/prepared-request.ts';
import { appendParams } from '../request/query.ts';
import { encodeBody, formBody, jsonBody, multipartBody, type RequestBody } from '../request/request-body.ts';
import { parseBaseURL, parseRequestURL, type RequestURL, resolveURL } from '../request/request-url.ts';
import { uploadProgress } from '../request/upload-progress.ts';
import type { Transport } from '../transport/transport.ts';
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
  /** The session's headers as a list, made anew only after they changed. */
  defaultHeaders(): HeaderList;
  transportFor(target: RequestURL): Transport;
  /** Credentials from netrc, when `trustEnv` asks for them. */
  netrc(): Auth | null;
}

const noOptions: CallOptions = Object.freeze(Object.create(null));

/** Merges, resolves and encodes: from what a caller wrote to the request as it will be sent, minus cookies and credentials. */
export const prepareRequest = (
  session: SessionDefaults,
  givenMethod: string,
  url: string | URL,
  given: CallOptions | undefined,
): PreparedRequest => {
  const own = given === undefined ? noOptions : ownOptions(given, 'call');
  const options = resolveOptions(own, session.options);
  const method = readMethod(givenMethod);
  const baseUrl =
    own.baseUrl === undefined ? session.baseUrl : own.baseUrl === null ? null : parseBaseURL(own.baseUrl);
  const direct = resolveURL(url, baseUrl);
  const target = withParams(direct, session.params, own.params);
  if (target.hostname === '' && /^https?:$/.test(target.protocol))
    throw new InvalidURLError('the URL has no host');
  const transport = session.transportFor(target);
  checkTransport(transport, options, own);
  const callHeaders = own.headers === undefined ? HeaderList.empty : HeaderList.from(own.headers);
  const body = readBody(own, method, callHeaders, options);
  if (body !== null && (method === 'GET' || method === 'HEAD') && !transport.capabilities.bodyOnGet) {
    throw new UnsupportedOptionError('body', transport.name, `${method} with a body`);
  }
  const headers = mergeHeaders(session, target, own, body);
  checkHeaders(headers, transport);
  const call = new Call({
    session,
    ...credential(session, own, callHeaders, direct, target),
    cookies: readCookies(own, transport),
    origin: target.origin,
    signal: readSignal(own.signal, session.signal),
    total: options.timeout.total,
  });
  return new PreparedRequest({ method, target, headers, body, options, call, scope: call.scope });
};

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

const withParams = (
  direct: RequestURL,
  session: URLSearchParams,
  call: CallOptions['params'],
): RequestURL => {
  if (call === undefined && session.size === 0) return direct;
  const href = appendParams(direct.href, session, call);
  return href === direct.href ? direct : parseRequestURL(href + direct.fragment);
};

const mergeHeaders = (
  session: SessionDefaults,
  target: RequestURL,
  own: CallOptions,
  body: RequestBody | null,
): HeaderList => {
  const bound = session.boundOrigins;
  let headers = session.defaultHeaders();
  if (bound !== null && !bound.has(target.origin)) headers = headers.filter(isPlainHeader);
  if (own.headers === null) headers = HeaderList.empty;
  const type = body?.contentType ?? null;
  // A body's own type stands below the caller's header: `null` there really removes it.
  if (type !== null && !headers.has('content-type')) headers = headers.with('content-type', type);
  headers = headers.merge(own.headers);
  if (own.multipart !== undefined && type !== null && lacksBoundary(headers))
    headers = headers.with('content-type', type);
  return headers;
};

const lacksBoundary = (headers: HeaderList): boolean =>
  /^multipart\/form-data\s*(?:;(?!.*boundary=).*)?$/i.test(headers.get('content-type') ?? '');

// The framing of a message is the transport's: a caller's own would split it (RFC 9112 6, 7; request smuggling).
const framing: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'upgrade',
  'te',
  'trailer',
  'expect',
  'proxy-connection',
  'proxy-authorization',
]);

const checkHeaders = (headers: HeaderList, transport: Transport): void => {
  for (const [name, value] of headers.toPairs()) {
    const lower = name.toLowerCase();
    if (framing.has(lower)) throw new InvalidHeaderError(`header ${lower} belongs to the transport`);
    if (lower === 'connection' && !/^(?:close|keep-alive)$/i.test(value)) {
      throw new InvalidHeaderError('header connection may be only close or keep-alive');
    }
    if (transport.capabilities.forbiddenHeaders.includes(lower)) {
      throw new UnsupportedOptionError(
        `headers.${lower}`,
        transport.name,
        'the platform would drop or replace it',
      );
    }
  }
};

const readBody = (
  own: CallOptions,
  method: string,
  headers: HeaderList,
  options: ResolvedOptions,
): RequestBody | null => {
  const given = (['json', 'form', 'multipart', 'body'] as const).filter(
    (name) => own[name] !== undefined && !(name === 'body' && own[name] === null),
  );
  if (given.length > 1)
    throw new TypeError(`only one of json, form, multipart and body can be sent, got ${given.join(' and ')}`);
  if (method === 'TRACE' && given.length > 0) throw new TypeError('TRACE has no body (RFC 9110 9.3.8)');
  const body = encodeOne(own, headers);
  return body !== null && options.onUploadProgress !== null
    ? uploadProgress(body, options.onUploadProgress)
    : body;
};

const encodeOne = (own: CallOptions, headers: HeaderList): RequestBody | null => {
  if (own.json !== undefined) return jsonBody(own.json);
  if (own.form !== undefined) return formBody(own.form);
  if (own.multipart !== undefined) {
    const boundary = /;\s*boundary="?([^";]+)"?/i.exec(headers.get('content-type') ?? '')?.[1];
    return multipartBody(own.multipart, boundary);
  }
  return own.body === undefined || own.body === null ? null : encodeBody(own.body);
};

/** call auth > call Authorization header > session auth > URL user information > netrc. */
const credential = (
  session: SessionDefaults,
  own: CallOptions,
  callHeaders: HeaderList,
  direct: RequestURL,
  target: RequestURL,
): { auth: Auth | null; authOrigins: ReadonlySet<string> | null } => {
  if (own.auth !== undefined) {
    const auth = own.auth === null ? null : toAuth(own.auth);
    return { auth, authOrigins: auth?.origins === undefined ? null : new Set(auth.origins) };
  }
  if (callHeaders.has('authorization')) return { auth: null, authOrigins: null };
  const { auth } = session;
  const origins = auth?.origins === undefined ? session.boundOrigins : new Set(auth.origins);
  if (auth !== null && (direct.userinfo === null || origins === null || origins.has(target.origin))) {
    return { auth, authOrigins: origins };
  }
  if (direct.userinfo !== null) return { auth: basic(...direct.userinfo), authOrigins: null };
  return { auth: session.netrc(), authOrigins: null };
};

const readCookies = (own: CallOptions, transport: Transport): ReadonlyMap<string, string | null> | null => {
  const cookies = readCallCookies(own.cookies);
  if (cookies !== null && transport.capabilities.cookies === 'native') {
    throw new UnsupportedOptionError('cookies', transport.name, 'the platform sets the Cookie header itself');
  }
  return cookies;
};

const readSignal = (
  call: AbortSignal | null | undefined,
  session: AbortSignal | null,
): AbortSignal | null => {
  if (call === undefined || call === null) return call === null ? null : session;
  if (typeof call !== 'object' || typeof call.addEventListener !== 'function') {
    throw new TypeError(`signal must be an AbortSignal, got ${typeof call}`);
  }
  return session === null ? call : AbortSignal.any([call, session]);
};

const checkTransport = (transport: Transport, options: ResolvedOptions, own: CallOptions): void => {
  if (own.pool !== undefined) throw new TypeError('pool is an option of the session, not of a call');
  if (options.transport === undefined) return;
  for (const name in options.transport) {
    if (!(transport.capabilities.options as readonly string[]).includes(name)) {
      throw new UnsupportedOptionError(name, transport.name, 'it would be ignored');
    }
  }
  if (hasOwnTransportOption(own)) transport.check?.(options.transport);
};

const hasOwnTransportOption = (own: CallOptions): boolean =>
  own.proxy !== undefined || own.tls !== undefined || own.unixSocket !== undefined;
