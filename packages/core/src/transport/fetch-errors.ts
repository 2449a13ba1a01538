import {
  ConnectionError,
  type ConnectionPhase,
  InvalidURLError,
  ProxyError,
  TLSError,
  UnsupportedOptionError,
} from '../errors.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';

/** What is known of an exchange that failed from our side, not from the fetch's words. */
export interface FailureContext {
  /** Whether the request went through a proxy: then it is the proxy that could not be reached. */
  readonly proxied?: boolean;
  /** The transport's name. */
  readonly transport?: string;
}

interface Row {
  readonly pattern: RegExp;
  readonly phase: ConnectionPhase;
  readonly requestSent: boolean;
  readonly text: string;
  readonly kind?: 'final' | 'method' | 'proxy' | 'tls' | 'url';
}

// One table for every runtime: Node's and Bun's codes, Deno's sentences. The first match wins.
const rows: readonly Row[] = [
  {
    pattern: /proxy authentication required|ERR_PROXY_TUNNEL|unsuccessful tunnel/i,
    phase: 'connect',
    requestSent: false,
    text: 'the proxy refused the tunnel',
    kind: 'proxy',
  },
  {
    // Deno was started without leave for this; asking again changes nothing.
    pattern: /NotCapable|Requires \w+ access/,
    phase: 'connect',
    requestSent: false,
    text: 'the program may not connect there',
    kind: 'final',
  },
  {
    pattern: /ECONNREFUSED|ConnectionRefused|connection refused|^ENOENT$/i,
    phase: 'connect',
    requestSent: false,
    text: 'connection refused',
  },
  {
    pattern: /ENOTFOUND|EAI_AGAIN|dns error|DNS lookup/i,
    phase: 'dns',
    requestSent: false,
    text: 'unknown host',
  },
  {
    pattern: /EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|network is unreachable|No route to host/i,
    phase: 'connect',
    requestSent: false,
    text: 'host unreachable',
  },
  {
    pattern:
      /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)|invalid peer certificate|ERR_TLS|EPROTO|SSL|tls handshake|corrupt message/i,
    phase: 'tls',
    requestSent: false,
    text: 'TLS failed',
    kind: 'tls',
  },
  {
    pattern: /ConnectionTimeout|UND_ERR_CONNECT_TIMEOUT|ETIMEDOUT/i,
    phase: 'connect',
    requestSent: false,
    text: 'no connection',
  },
  {
    pattern: /tcp connect error|client error \(Connect\)|FailedToOpenSocket/i,
    phase: 'connect',
    requestSent: false,
    text: 'no connection',
  },
  {
    pattern:
      /ECONNRESET|EPIPE|UND_ERR_SOCKET|connection (?:closed|reset)|other side closed|SendRequest|ConnectionClosed|socket/i,
    phase: 'headers',
    requestSent: true,
    text: 'the connection closed before the response',
  },
  {
    pattern: /HTTP method|Method is /i,
    phase: 'unknown',
    requestSent: false,
    text: 'the method cannot be sent',
    kind: 'method',
  },
  {
    pattern: /HPE_|Malformed_HTTP|invalid HTTP/i,
    phase: 'headers',
    requestSent: true,
    text: 'the response is not HTTP',
  },
  {
    // workerd says one thing for whatever happens, before and after the request has left.
    pattern: /Network connection lost|^internal error/,
    phase: 'unknown',
    requestSent: true,
    text: 'the connection failed',
  },
  {
    pattern:
      /ERR_INVALID_URL|Invalid URL|unknown scheme|bad port|Requests to port \d+ are blocked|scheme .* not supported/i,
    phase: 'unknown',
    requestSent: false,
    text: 'the URL cannot be fetched',
    kind: 'url',
  },
];

/**
 * Makes one of our errors of whatever a fetch rejected with instead of a response.
 *
 * Browsers and workerd say nothing but that it failed: there the phase is unknown and the request counts as sent.
 */
export const translateFetchError = (
  cause: unknown,
  request: PreparedRequest,
  context: FailureContext,
): Error => {
  const row = rowOf(cause);
  if (row?.kind === 'url') return new InvalidURLError(row.text, { request, cause });
  if (row?.kind === 'method')
    return new UnsupportedOptionError(
      'method',
      context.transport ?? 'fetch',
      `it does not send ${request.method}`,
      { request, cause },
    );
  const requestSent = row?.requestSent ?? true;
  if (row?.kind === 'tls') {
    return new TLSError(row.text, { request, cause, requestSent, reason: codeOf(cause) });
  }
  const details = { request, cause, requestSent, phase: row?.phase ?? 'unknown' } as const;
  if (row?.kind === 'proxy') return new ProxyError(row.text, { ...details, retryable: false });
  if (row !== undefined && !requestSent && context.proxied === true && row.kind === undefined)
    return new ProxyError(`the proxy cannot be reached: ${row.text}`, details);
  return new ConnectionError(row?.text ?? 'the request failed', {
    ...details,
    ...(row?.kind === 'final' && { retryable: false }),
  });
};

const rowOf = (cause: unknown): Row | undefined => {
  for (const text of textsOf(cause)) {
    const row = rows.find(({ pattern }) => pattern.test(text));
    if (row !== undefined) return row;
  }
  return undefined;
};

/** Codes and messages of an error and its causes, up to five deep. */
const textsOf = (error: unknown): string[] => {
  const texts: string[] = [];
  let current = error;
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth += 1) {
    const { code, message, errors, cause } = current as {
      code?: unknown;
      message?: unknown;
      errors?: unknown;
      cause?: unknown;
    };
    if (typeof code === 'string') texts.push(code);
    // Deno quotes the URL: a host may be called ssl or socket.
    if (typeof message === 'string') texts.push(message.replace(/ for url \([^)]*\)/, ''));
    current = cause ?? (Array.isArray(errors) ? errors[0] : undefined);
  }
  // Codes first: messages are prose and may mention anything.
  return texts.sort((a, b) => Number(/^[A-Z_0-9]+$/.test(b)) - Number(/^[A-Z_0-9]+$/.test(a)));
};

const codeOf = (error: unknown): string | undefined =>
  textsOf(error).find((text) => /^[A-Z][A-Z_0-9]+$/.test(text));
