import {
  ConnectionError,
  type ConnectionPhase,
  IncompleteBodyError,
  InvalidURLError,
  TLSError,
} from '../errors.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';

/** Where the exchange stood when a fetch backend failed: known from our side, not from its words. */
export interface FailureContext {
  readonly phase: 'headers' | 'body';
  /** Bytes of the body that had come. */
  readonly received?: number;
}

interface Row {
  readonly pattern: RegExp;
  readonly phase: ConnectionPhase;
  readonly requestSent: boolean;
  readonly text: string;
  readonly kind?: 'tls' | 'url';
}

// One table for every runtime: Node's and Bun's codes, Deno's sentences. The first match wins.
const rows: readonly Row[] = [
  {
    pattern: /ECONNREFUSED|ConnectionRefused|connection refused/i,
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
      /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET)|invalid peer certificate|ERR_TLS|EPROTO|SSL|tls handshake/i,
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
      /ECONNRESET|EPIPE|UND_ERR_SOCKET|connection (?:closed|reset)|other side closed|SendRequest|ConnectionClosed|Network connection lost|socket/i,
    phase: 'headers',
    requestSent: true,
    text: 'the connection closed before the response',
  },
  {
    pattern: /HPE_|Malformed_HTTP|invalid HTTP/i,
    phase: 'headers',
    requestSent: true,
    text: 'the response is not HTTP',
  },
  {
    pattern: /ERR_INVALID_URL|Invalid URL|unknown scheme|bad port|scheme .* not supported/i,
    phase: 'unknown',
    requestSent: false,
    text: 'the URL cannot be fetched',
    kind: 'url',
  },
];

/**
 * Makes one of our errors of whatever a fetch rejected with.
 *
 * Browsers and workerd say nothing but that it failed: there the phase is unknown and the request counts as sent.
 */
export const translateFetchError = (
  cause: unknown,
  request: PreparedRequest,
  context: FailureContext,
): Error => {
  const row = rows.find(({ pattern }) => textsOf(cause).some((text) => pattern.test(text)));
  if (context.phase === 'body') {
    return new IncompleteBodyError(
      'the connection closed before the end of the body',
      context.received ?? 0,
      { request, cause },
    );
  }
  if (row?.kind === 'url') return new InvalidURLError(row.text, { request, cause });
  const requestSent = row?.requestSent ?? true;
  if (row?.kind === 'tls') {
    return new TLSError(row.text, { request, cause, requestSent, reason: codeOf(cause) });
  }
  return new ConnectionError(row?.text ?? 'the request failed', {
    request,
    cause,
    requestSent,
    phase: row?.phase ?? 'unknown',
  });
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
    if (typeof message === 'string') texts.push(message);
    current = cause ?? (Array.isArray(errors) ? errors[0] : undefined);
  }
  // Codes first: messages are prose and may mention anything.
  return texts.sort((a, b) => Number(/^[A-Z_0-9]+$/.test(b)) - Number(/^[A-Z_0-9]+$/.test(a)));
};

const codeOf = (error: unknown): string | undefined =>
  textsOf(error).find((text) => /^[A-Z][A-Z_0-9]+$/.test(text));
