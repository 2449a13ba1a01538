import type { CallOptions } from '../options/call-options.ts';
import type { PlatformOption } from '../transport/transport-options.ts';
import { readAhead } from './read-ahead.ts';
import type { Session } from './session.ts';

/**
 * A drop-in `fetch` over a session: takes what fetch takes (a `Request` with its method, headers, body, signal and redirect mode),
 * answers what fetch answers, with cookies, credentials, retries and limits of the session.
 *
 * `init` is a `RequestInit` and nothing more: as in fetch, members that it does not know are ignored. SDKs pass on whole
 * configurations, whose `params` or `retry` mean something else than ours; `session.extend({ retry: 0 }).fetch` is for those.
 *
 * @param supports the options that the transport for a URL honours
 */
export const fetchThrough = (
  session: Session,
  supports: (url: string | URL) => readonly PlatformOption[],
): typeof globalThis.fetch =>
  // async: fetch never throws, it rejects
  (async (input: unknown, init?: RequestInit | null): Promise<Response> => {
    const request = isRequest(input) ? input : null;
    // A Request may stand for init, too; its members are getters. Of anything else, only own members count.
    const given: RequestInit = isRequest(init) ? init : Object.assign(Object.create(null), init);
    const url =
      request !== null
        ? request.url
        : typeof input === 'string' || input instanceof URL
          ? input
          : String(input);
    const method = given.method ?? request?.method ?? 'GET';
    const options: Record<string, unknown> = {};
    // Before any wait: what the caller changes after this call changes nothing, as in fetch.
    const headers = given.headers ?? request?.headers;
    if (headers !== undefined) options.headers = headerPairs(headers as Headers);
    const body = await bodyOf(given, request);
    if (body !== undefined && /^(?:get|head)$/i.test(method))
      throw new TypeError(`fetch: a ${method} request cannot have a body`);
    options.body = body;
    // null takes the Request's signal away; the session's own stays.
    const signal = given.signal === undefined ? request?.signal : given.signal;
    if (signal !== null) options.signal = signal;
    // 'follow' is what every Request says that was not told: the session's own mode stands.
    const redirect = given.redirect ?? (request?.redirect === 'follow' ? undefined : request?.redirect);
    if (redirect !== undefined) options.redirect = redirect;
    for (const [name, value] of platformMembers(given, request)) {
      if (supports(url).includes(name) || refused(name, value)) options[name] = value;
    }
    return session.request(method, url, options as CallOptions);
  }) as typeof globalThis.fetch;

// A Request may come from another realm or library (undici's, Deno's): judged by its shape.
const isRequest = (input: unknown): input is Request =>
  typeof input === 'object' &&
  input !== null &&
  !(input instanceof URL) &&
  'url' in input &&
  'method' in input &&
  'headers' in input;

const bodyOf = async (init: RequestInit, request: Request | null): Promise<unknown> => {
  const owner = init.body != null ? init : request;
  // Firefox does not show the body of a Request, and it may have one all the same.
  if (isRequest(owner) && owner.body === undefined && !owner.bodyUsed) {
    const bytes = await owner.arrayBuffer();
    return bytes.byteLength === 0 ? undefined : bytes;
  }
  if (owner?.body == null) return undefined;
  if (!isRequest(owner)) return owner.body;
  if (owner.bodyUsed || owner.body.locked)
    throw new TypeError('fetch: the body of the Request has been used already');
  return readAhead(owner.body);
};

// What a Request says of these when nobody told it.
const untold = {
  credentials: 'same-origin',
  mode: 'cors',
  cache: 'default',
  referrer: 'about:client',
  referrerPolicy: '',
  integrity: '',
  keepalive: false,
  priority: 'auto',
} as const satisfies { readonly [Name in PlatformOption]?: unknown };

function* platformMembers(
  init: RequestInit,
  request: Request | null,
): Generator<readonly [name: PlatformOption, value: unknown], void> {
  for (const name of Object.keys(untold) as (keyof typeof untold)[]) {
    const own = init[name];
    const value = own ?? (request as RequestInit | null)?.[name];
    if (value === undefined || value === '' || (own === undefined && value === untold[name])) continue;
    yield [name, value];
  }
}

// Node's fetch takes the others without a word and without effect. These two promise protection: the pipeline refuses them.
const refused = (name: string, value: unknown): boolean =>
  name === 'integrity' || (name === 'credentials' && value === 'omit');

// Hop-by-hop headers that SDKs set and fetch drops or computes.
const framing: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'proxy-connection',
]);

/** As `new Headers(init)` reads them, values of a repeated name joined, but in the caller's spelling and order. */
const headerPairs = (init: Headers | Iterable<[string, string]> | Record<string, string>): unknown[] => {
  const merged = new Map<unknown, unknown[]>();
  for (const pair of Symbol.iterator in init ? init : Object.entries(init)) {
    const name = String(pair[0]).toLowerCase();
    if (framing.has(name)) continue;
    const before = merged.get(name);
    if (before === undefined) merged.set(name, [...pair]);
    else before[1] = `${String(before[1])}${name === 'cookie' ? '; ' : ', '}${String(pair[1])}`;
  }
  return [...merged.values()];
};
