/** A test in another file, by the title it has there. */
export interface TestReference {
  /** From the repository's root. */
  readonly file: string;
  readonly title: string;
}

/** A behaviour of requests (a row of the catalogue that the cases' `rows` number), and what we do there. */
export interface ParityRow {
  readonly row: number;
  /** What it is about. */
  readonly behaviour: string;
  /** `same`, deliberately `better`, or `refused` with a typed error. */
  readonly verdict: 'same' | 'better' | 'refused';
  /** Ours. */
  readonly api: string;
  /** Tests beside the differential cases. */
  readonly also?: readonly TestReference[];
}

type Line = readonly [behaviour: string, verdict: ParityRow['verdict'], api: string, also?: TestReference];

const multipart = (title: string): TestReference => ({
  file: 'packages/core/src/request/multipart.test.ts',
  title,
});
const cookies = (title: string): TestReference => ({
  file: 'packages/cookies/src/cookie-middleware.test.ts',
  title,
});

const lines: readonly Line[] = [
  [
    'Session attributes are live',
    'same',
    '`session.headers`, `.params`, `.cookies`, `.auth`; connection settings in the constructor',
  ],
  ['merge_setting', 'same', 'one rule: `undefined` inherits, `null` removes'],
  ['falsy values before merging', 'better', 'only `undefined` inherits'],
  ['default headers', 'same', '`User-Agent: httpsession/x.y.z`, `Accept: */*`'],
  ['per-request values do not persist', 'same', 'nothing given to a call is kept'],
  [
    'verbs',
    'same',
    '`get head options post put patch delete query request`; `head()` does not follow redirects',
  ],
  ['methods', 'better', 'upper-cased tokens; anything else is a `TypeError`'],
  [
    'close and context manager',
    'better',
    '`await using`, `session.close()`; later calls: `SessionClosedError`',
  ],
  ['module functions', 'better', '`get()`, `post()`, ... on one shared cookieless session'],
  ['pickling', 'same', '`session.toJSON()`, `Session.fromJSON()`'],
  ['prepare_request', 'same', '`session.prepare()`, `session.send()`'],
  ['send() and the environment', 'better', '`send()` goes through the same policy as `request()`'],
  ['trust_env', 'same', '`trustEnv: boolean | { proxy, ca, netrc }`; netrc only when named'],
  ['merge_environment_settings', 'same', '`session.explain()`'],
  ['CaseInsensitiveDict', 'same', 'WHATWG `Headers`, records and pairs'],
  ['merging headers, None deletes', 'same', '`headers: { name: null }`'],
  ['deleting Accept-Encoding and User-Agent', 'better', '`null` really removes'],
  ['validation of headers', 'better', '`InvalidHeaderError`'],
  ['header encoding', 'better', 'Latin-1; beyond it `InvalidHeaderError`'],
  ['response headers', 'better', '`headers.get()`, `headers.getSetCookie()`; no CR or LF in values'],
  [
    'Content-Length and Transfer-Encoding of the caller',
    'refused',
    '`InvalidHeaderError`: framing belongs to the transport',
  ],
  ['Host of the caller', 'better', '`headers.host` on Node, dropped on redirects'],
  ['what a URL may be', 'same', '`string | URL`; other schemes by `mount`'],
  ['bad URLs', 'same', '`InvalidURLError`; relative ones with `baseUrl`'],
  ['hosts', 'same', 'WHATWG URL'],
  ['paths', 'better', 'WHATWG URL, nothing escaped twice'],
  ['user information in URLs', 'better', 'Basic, shown nowhere'],
  ['params', 'better', '`params`, always merged by name'],
  ['params and an existing query', 'same', '`URLSearchParams` encoding, appended'],
  ['fragments', 'same', '`response.finalUrl`'],
  ['precedence of bodies', 'better', 'one of `json form multipart body`, two are a `TypeError`'],
  ['JSON bodies', 'better', '`json`; NaN and what JSON cannot say are a `TypeError`'],
  ['forms', 'same', '`form`'],
  ['text and bytes', 'same', '`body`; text has the type `text/plain;charset=UTF-8`, as in fetch'],
  [
    'files and generators',
    'same',
    '`body`: Blob, ReadableStream, (async) iterable, or a function that makes one',
  ],
  ['no body', 'same', '`Content-Length: 0` on POST, PUT, PATCH, as in fetch'],
  ['GET with a body', 'same', 'on Node; `UnsupportedOptionError` where fetch cannot'],
  ['multipart', 'same', '`multipart`: record, pairs or FormData; `{ value, filename, type, headers, size }`'],
  [
    'multipart in memory',
    'better',
    'streamed, of known length',
    multipart('holds neither Blobs nor streams in memory and reads no faster than it is read'),
  ],
  ['multipart without boundary', 'better', 'the header is repaired'],
  ['mutable PreparedRequest', 'better', 'immutable, `withBody()`, `withHeader()`, `with()`'],
  ['early responses', 'same', 'delivered while the body goes up'],
  ['Set-Cookie of every response', 'same', '`session.cookies`, `response.cookies`'],
  ['cookies of a call', 'better', '`cookies`, bound to the origin'],
  ['cookies of one name', 'better', "the call's replaces the jar's"],
  ['an explicit Cookie header', 'better', 'sent beside the jar, on its own origin'],
  ['rules of the jar', 'better', 'RFC 6265bis by tough-cookie'],
  ['cookies without domain', 'better', '`cookies.set(name, value, { url | domain })`, nothing else'],
  [
    'API of the jar',
    'same',
    '`get set delete has clear toObject toJSON toNetscape`, iteration; expired ones hidden',
  ],
  ['any CookieJar', 'same', '`cookies: jar`, ours or tough-cookie’s', cookies('is used as it is, both ways')],
  ['cookie values', 'better', '`InvalidCookieError`'],
  ['cookies of retried responses', 'better', 'the jar is inside retry'],
  ['what is followed', 'same', '301 302 303 307 308 with a Location'],
  ['methods after redirects', 'better', "fetch's rules; `redirect: { methods: 'requests' }` for the others"],
  [
    'bodies after redirects',
    'better',
    'a method that stays keeps its body; what becomes GET loses every content header',
  ],
  ['bodies sent again', 'better', 'a function or Blob is; a one-shot stream is an `UnreplayableBodyError`'],
  [
    'too many redirects',
    'same',
    '`redirect: { max }`, 30; `TooManyRedirectsError` with response and history',
  ],
  ['Location', 'better', 'WHATWG join; a bad one is a `RedirectError` with the response'],
  ['other schemes', 'better', '`UnsafeRedirectError` with the response'],
  [
    'stripping Authorization',
    'better',
    'another scheme, host or port; a session’s own applies again at home',
  ],
  ['netrc on redirects', 'better', 'opt-in, exact hosts'],
  ['user information in a Location', 'better', 'ignored and shown nowhere'],
  [
    'other headers on redirects',
    'better',
    'only plain content headers leave home; `redirect: { forwardHeaders }`',
  ],
  ['auth on redirects', 'better', 'signed anew per hop, only at home'],
  ['proxies on redirects', 'better', 'chosen anew per hop, NO_PROXY included'],
  ['bodies of redirects', 'better', 'discarded beyond 64 KiB; `timeout.total` spans the hops'],
  ['history', 'better', 'oldest first, challenges and retries too, each with a `tag`'],
  [
    'allow_redirects=False',
    'better',
    "`redirect: 'manual'`, `response.next`; nothing is read or parsed unasked",
  ],
  ['overriding redirects', 'same', '`hooks.beforeRedirect`, middlewares'],
  [
    'kinds of auth',
    'same',
    '`[user, password]`, a function, `{ sign }`, `{ *flow }`, `basic bearer digest apiKey oauth2 refreshing netrc`',
  ],
  ['precedence of auth', 'better', 'call auth, call header, session auth, URL, netrc'],
  ['Basic encoding', 'better', 'UTF-8; a colon in the user is a `TypeError`'],
  ['auth may change everything', 'same', 'functions and flows get the request after its body'],
  ['netrc', 'same', '`trustEnv: { netrc: true }`, `netrc()`'],
  ['HTTPProxyAuth', 'refused', '`InvalidHeaderError`: credentials in the `proxy` option'],
  ['Digest flow', 'better', '`digest(user, password)`; only a 401 is a challenge'],
  ['Digest algorithms', 'better', 'all of RFC 7616'],
  ['Digest qop', 'better', '`auth` and `auth-int`'],
  ['Digest challenges', 'better', 'the strongest; quotes escaped; broken ones ignored'],
  ['Digest header and bodies', 'better', 'bodies sent again or an `UnreplayableBodyError`'],
  ['proxies by scheme', 'same', '`proxy: url | { http, https, no } | (url) => ...`'],
  ['proxies of the environment', 'same', 'the same variables, lower case first, httpoxy guarded'],
  ['precedence of proxies', 'better', 'call, session, environment; `null` is none on every hop'],
  ['NO_PROXY', 'better', "curl's and requests' forms together"],
  ['NO_PROXY on redirects', 'better', 'judged per hop'],
  ['forwarding and tunnels', 'same', 'Proxy-Authorization only to the proxy'],
  ['errors of proxies', 'same', '`ProxyError`; socks4, 4a, 5, 5h built in'],
  ['verify', 'better', '`tls: { verify, ca }`; anything but a boolean is a `TypeError`'],
  ['CA bundles of the environment', 'better', 'the same variables and SSL_CERT_FILE, below what is explicit'],
  ['client certificates', 'same', '`tls: { cert, key, pfx, passphrase }`'],
  ['pools by TLS setting', 'same', 'one pool per setting'],
  ['TLS errors', 'better', '`TLSError`, final'],
  [
    'what a timeout may be',
    'better',
    '`timeout: ms | { connect, headers, idle, attempt, total, queue }`, safe defaults',
  ],
  ['read timeout', 'better', '`headers` and `idle`, and `total` above them'],
  ['stalls in the body', 'better', "`TimeoutError` with phase 'body'"],
  ['connect and send timeouts', 'better', "`TimeoutError` with phase 'connect' or 'send'"],
  ['what timeouts span', 'better', '`total` spans queue, hops, retries, waits and body'],
  [
    'attributes of a response',
    'same',
    'a WHATWG `Response` with `history elapsed request links cookies ...`',
  ],
  ['ok', 'same', '`response.ok` is that of fetch; `raiseForStatus()` judges as requests'],
  ['raise_for_status', 'better', '`HTTPError` without secrets, with `status`, `response`, `text()`'],
  ['elapsed', 'same', '`response.elapsed`, `response.timings`'],
  ['streams', 'same', 'every body is a stream; reading to its end or `await using` frees the connection'],
  ['reading twice', 'better', 'WHATWG `bodyUsed`: the second reader gets a `TypeError`'],
  ['iter_content', 'better', '`chunks(size)`, exact'],
  ['iter_lines', 'better', '`lines()`, right across chunks'],
  [
    'content codings',
    'better',
    'gzip deflate br zstd; truncated or unknown ones are a `DecodingError`; `maxResponseSize`',
  ],
  ['framing', 'better', '`IncompleteBodyError`; an end within the headers fails'],
  ['1xx', 'better', 'all skipped'],
  [
    'encoding',
    'better',
    'charset, byte order mark, UTF-8; `text({ encoding })`; `apparentEncoding()` of `@httpsession/charset`',
    { file: 'packages/charset/src/apparent-encoding.test.ts', title: 'leaves the response readable' },
  ],
  ['json()', 'better', '`json(schema?)`; `JSONDecodeError` with the text'],
  ['links', 'better', 'RFC 8288, absolute; `paginate()`'],
  ['raw', 'same', '`decompress: false`'],
  ['response.request', 'same', '`response.request`, as sent'],
  [
    'hooks',
    'same',
    '`hooks: { beforeRequest, beforeRedirect, beforeRetry, afterExchange, afterResponse, beforeError }`',
  ],
  ["session's and call's hooks", 'better', 'appended'],
  ['when hooks run', 'same', '`afterExchange` sees each message, `afterResponse` the last'],
  ['mount', 'better', 'by origin and path segments, URLPattern, RegExp or function; per hop'],
  ['adapters', 'same', '`Transport`, or any fetch by `fetchTransport`'],
  ['pools', 'same', '`pool: { connections, keepAliveTimeout, ... }` with a queue'],
  ['stale connections', 'better', 'one quiet repetition when nothing was answered'],
  ['Connection: close and HTTP/1.0', 'same', 'not used again'],
  ['subclassing adapters', 'same', '`Transport`; `lookup`, `localAddress`, `tls`, `unixSocket`'],
  ['limits of the head', 'same', '`ConnectionError`'],
  ['Retry', 'same', '`urllib3Retry({...})`; or `retry: { limit, methods, statusCodes, ... }`'],
  ['max_retries', 'same', '`retry: 3`'],
  [
    'what is retried',
    'better',
    'connect failures for any method, read failures for safe ones; TLS, URL and abort never',
  ],
  ['exhaustion', 'better', 'the last response, or `RetryError` with it (`throwOnExhausted`)'],
  ['backoff', 'same', "urllib3's formula in `urllib3Retry`; full jitter by default"],
  ['Retry-After', 'better', 'lenient; `maxRetryAfter`'],
  ['413, 429, 503 with Retry-After', 'same', '`afterStatusCodes`, `statusCodes`'],
  ['bodies on retry', 'better', 'sent whole or not again; slow bodies are given up'],
  [
    'what is not retried, and the trail',
    'better',
    'a body broken under `.json()` and its like is asked for again; one budget for all hops; `response.attempts`, `response.history`',
    {
      file: 'packages/node/test/broken-bodies.test.ts',
      title: 'is asked for again, within the limit of retries',
    },
  ],
  ['exceptions', 'same', 'the tree of `SessionError`, with `code`, `request`, `cause`, `phase`'],
  [
    'exceptions outside the tree',
    'better',
    '`SessionError`, the caller’s `signal.reason`, or `TypeError` for wrong arguments',
  ],
  ['codes', 'same', '`status.notFound`'],
  ['utils', 'same', '`parseLinks`, `parseChallenges`, `retryAfterMs`, `basicAuthorization`'],
];

/** The 136 rows of PARITY.md section 1. */
export const parityRows: readonly ParityRow[] = lines.map(([behaviour, verdict, api, also], index) => ({
  row: index + 1,
  behaviour,
  verdict,
  api,
  ...(also !== undefined && { also: [also] }),
}));
