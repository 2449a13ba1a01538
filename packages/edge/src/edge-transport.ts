import {
  fetchCapabilities,
  fetchTransport,
  type HeaderList,
  type PlatformOption,
  type PreparedRequest,
  refuseOptions,
  type Transport,
  type TransportCapabilities,
  type TransportOptions,
  UnsupportedOptionError,
} from '@httpsession/core';
import { fixedLength, hasFixedLength } from './upload-body.ts';

/** What workerd's fetch can do. Other edge runtimes do no less. */
export const edgeCapabilities: TransportCapabilities = Object.freeze({
  ...fetchCapabilities,
  options: ['cache'] as readonly PlatformOption[],
  decodes: ['gzip', 'br'],
  // Dropped without a word by workerd; `Host` follows from the URL.
  forbiddenHeaders: ['connection', 'host'],
} as const);

const name = 'edge';

/** The runtime's `fetch`. It is asked for no redirects: workerd's own loop sends `Cookie` to other origins. */
export const edgeTransport = (options: TransportOptions): Transport => {
  check(options);
  return fetchTransport((url, init) => fetch(url, init), {
    name,
    capabilities: edgeCapabilities,
    honoursDecompress: true,
    headers: wireHeaders,
    init: rawBodyWhereAsked,
    streamBody: fixedLength,
    check,
  });
};

const check = (options: TransportOptions): void => {
  refuseOptions(options, name, edgeCapabilities.options, {
    proxy: 'there are no sockets',
    tls: 'certificates belong to the deployment',
    unixSocket: 'there are no sockets',
    pool: 'the runtime keeps the connections',
    trustEnv: 'there is no environment',
  });
  const { cache } = options;
  if (cache !== undefined && cache !== 'no-store')
    throw new UnsupportedOptionError('cache', name, "the only mode is 'no-store'");
};

const wireHeaders = (request: PreparedRequest): HeaderList => {
  const { headers, options } = request;
  const isWorkerd = hasFixedLength();
  if (isWorkerd) refuseBeyondAscii(request);
  // workerd sends none by itself. A range of a compressed body would be useless.
  return options.decompress && !headers.has('accept-encoding') && !headers.has('range')
    ? headers.with('Accept-Encoding', isWorkerd ? 'gzip, br' : 'gzip')
    : headers;
};

// workerd sends UTF-8 where every other client sends Latin-1 (RFC 9110 5.5).
const refuseBeyondAscii = (request: PreparedRequest): void => {
  for (const [field, value] of request.headers) {
    if (/[\x80-\xff]/.test(value))
      throw new UnsupportedOptionError(
        `headers.${field.toLowerCase()}`,
        name,
        'what is beyond ASCII would change on its way',
        { request },
      );
  }
};

const rawBodyWhereAsked = (request: PreparedRequest): Record<string, unknown> => {
  if (request.options.decompress) return {};
  if (hasFixedLength()) return { encodeResponseBody: 'manual' };
  throw new UnsupportedOptionError('decompress', name, 'the runtime decodes bodies by itself', { request });
};
