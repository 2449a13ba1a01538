import {
  BodyTooLargeError,
  ConnectionError,
  type ConnectionPhase,
  DecodingError,
  IncompleteBodyError,
  type PreparedRequest,
  ProxyError,
  RequestError,
  SessionClosedError,
  type SessionResponse,
  TimeoutError,
  TLSError,
} from '@httpsession/core';

/** Where an exchange stood when undici failed. */
export interface ExchangeState {
  /** Not one byte of the request can have left before this is true. */
  readonly requestSent: boolean;
  readonly headersReceived: boolean;
  /** Bytes of the body that had arrived. */
  readonly received: number;
}

interface Row {
  readonly codes: RegExp;
  readonly text: string;
  readonly kind?: 'tls' | 'proxy' | 'timeout' | 'closed' | 'request' | 'refused';
  readonly phase?: ConnectionPhase;
  /** Sending it again would end in the same way. */
  readonly final?: boolean;
}

// One table: what Node, OpenSSL, undici and our connector call it, and what it is. The first match wins.
const rows: readonly Row[] = [
  { codes: /^UND_ERR_CONNECT_TIMEOUT$/, text: '', kind: 'timeout' },
  { codes: /^ERR_PROXY_/, text: 'the proxy failed', kind: 'proxy', phase: 'connect' },
  {
    codes: /^ERR_HTTP2_REFUSED$/,
    text: 'the server did not process the request',
    kind: 'refused',
    phase: 'headers',
  },
  { codes: /^ERR_HTTP2_REQUEST$/, text: 'the request cannot be sent by HTTP/2', kind: 'request' },
  { codes: /^ERR_HTTP2_RESET$/, text: 'the server reset the stream', phase: 'headers' },
  { codes: /^ECONNREFUSED$/, text: 'connection refused', phase: 'connect' },
  { codes: /^(?:ENOTFOUND|EAI_\w+|ENODATA|ESERVFAIL)$/, text: 'unknown host', phase: 'dns' },
  {
    codes: /^(?:EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EHOSTDOWN|ENETDOWN)$/,
    text: 'host unreachable',
    phase: 'connect',
  },
  { codes: /^ETIMEDOUT$/, text: 'the network timed out', phase: 'connect' },
  { codes: /^ENOENT$|^EACCES$|^ENOTSOCK$/, text: 'the socket cannot be opened', phase: 'connect' },
  {
    codes:
      /CERT|^SELF_SIGNED|^UNABLE_TO|^ERR_TLS|^ERR_SSL|^EPROTO$|^HOSTNAME_MISMATCH$|^CRL_|^INVALID_(?:CA|PURPOSE)|^PATH_LENGTH/,
    text: 'TLS failed',
    kind: 'tls',
  },
  {
    codes: /^HPE_HEADER_OVERFLOW$|^UND_ERR_HEADERS_OVERFLOW$/,
    text: 'the response head is too large',
    phase: 'headers',
    final: true,
  },
  {
    codes: /^ERR_INTERIM_RESPONSES$/,
    text: 'there is no end of interim responses',
    phase: 'headers',
    final: true,
  },
  {
    codes: /^HPE_|^UND_ERR_RES_CONTENT_LENGTH_MISMATCH$/,
    text: 'the response is not HTTP',
    phase: 'headers',
    final: true,
  },
  { codes: /^UND_ERR_(?:DESTROYED|CLOSED)$/, text: '', kind: 'closed' },
  {
    codes: /^UND_ERR_REQ_CONTENT_LENGTH_MISMATCH$/,
    text: 'the body is not as long as was declared',
    kind: 'request',
  },
  { codes: /^UND_ERR_INVALID_ARG$/, text: 'the request cannot be sent', kind: 'request' },
  {
    codes: /^(?:ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET|UND_ERR_INFO)$/,
    text: 'the connection closed before the response',
    phase: 'headers',
  },
];

/** Makes one of our errors of whatever undici or Node reported. */
export const translateUndiciError = (
  cause: unknown,
  request: PreparedRequest,
  state: ExchangeState,
): Error => {
  const code = codeOf(cause);
  const { requestSent } = state;
  withoutBytes(cause);
  if (state.headersReceived) {
    const malformed = /^HPE_|^UND_ERR_RES_CONTENT_LENGTH_MISMATCH$/.test(code);
    return new IncompleteBodyError(
      malformed ? 'the body is framed wrongly' : 'the connection closed before the end of the body',
      state.received,
      { request, cause },
    );
  }
  const row = rows.find(({ codes }) => codes.test(code));
  if (row?.kind === 'closed') return new SessionClosedError({ request, cause });
  if (row?.kind === 'request') return new RequestError(row.text, { request, cause });
  // RFC 9113 8.7: as good as never sent, whatever the method.
  if (row?.kind === 'refused')
    return new ConnectionError(row.text, { request, cause, requestSent: false, phase: 'headers' });
  if (row?.kind === 'timeout')
    return new TimeoutError('connect', request.options.timeout.connect, { request, requestSent: false });
  if (row?.kind === 'proxy') {
    const status = (cause as { statusCode?: number }).statusCode;
    return new ProxyError(messageOf(cause) || row.text, {
      request,
      cause,
      requestSent: false,
      phase: 'connect',
      status,
      // An answer of the proxy's is its decision, a certificate does not get better; a dead proxy may come back.
      retryable: !/^ERR_PROXY_(?:TLS|DENIED)$/.test(code) && (status === undefined || status >= 500),
    });
  }
  if (row?.kind === 'tls') {
    return new TLSError(`${row.text}: ${reasonOf(cause, code)}`, {
      request,
      cause,
      requestSent: false,
      reason: code,
    });
  }
  // A reset while TLS is being set up: Node gives it the plain socket's code.
  if (
    !requestSent &&
    request.target.protocol === 'https:' &&
    /secure TLS connection/.test(messageOf(cause))
  ) {
    return new TLSError('TLS failed: the server closed the connection', {
      request,
      cause,
      requestSent,
      reason: code,
    });
  }
  // undici has found a 101 that nobody asked for, or an answer to no question.
  if (requestSent && code === 'UND_ERR_SOCKET' && /^bad (?:response|upgrade)$/.test(messageOf(cause))) {
    return new ConnectionError('the response is not an answer to this request', {
      request,
      cause,
      requestSent,
      phase: 'headers',
      retryable: false,
    });
  }
  const text =
    !requestSent && row?.phase === 'headers'
      ? 'the connection closed while connecting'
      : (row?.text ?? 'the request failed');
  return new ConnectionError(text, {
    request,
    cause,
    requestSent,
    phase: !requestSent && row?.phase === 'headers' ? 'connect' : (row?.phase ?? 'unknown'),
    retryable: row?.final !== true,
  });
};

/** Makes our error of what a decoder reported. */
export const translateDecodeError = (
  cause: unknown,
  request: PreparedRequest,
  response: SessionResponse,
): Error => {
  if (cause instanceof BodyTooLargeError) return cause;
  const truncated = /unexpected end/i.test(messageOf(cause));
  return new DecodingError(
    truncated ? 'the compressed body is truncated' : 'the body is not what its Content-Encoding says',
    {
      request,
      response,
      cause,
    },
  );
};

/** Whether a reused connection turned out to be dead: closed or reset without a byte of an answer. */
export const isDeadConnection = (cause: unknown): boolean =>
  /^(?:ECONNRESET|EPIPE|ECONNABORTED|UND_ERR_SOCKET)$/.test(codeOf(cause)) &&
  !/bad (?:response|upgrade)/.test(messageOf(cause));

// undici's parser error carries what was received: cookies, tokens, bodies.
const withoutBytes = (cause: unknown): void => {
  if (cause instanceof Error && 'data' in cause) Reflect.deleteProperty(cause, 'data');
};

const codeOf = (error: unknown): string => {
  // undici leaves the code out where the parser has no name for it.
  if (error instanceof Error && error.name === 'HTTPParserError' && !('code' in error && error.code))
    return 'HPE_UNKNOWN';
  let current = error;
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth += 1) {
    const { code, errors, cause } = current as { code?: unknown; errors?: unknown; cause?: unknown };
    if (typeof code === 'string' && code !== '') return code;
    // Happy eyeballs: one error per address.
    current = Array.isArray(errors) ? errors[0] : cause;
  }
  return '';
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : '');

const reasonOf = (cause: unknown, code: string): string => {
  const known: Readonly<Record<string, string>> = {
    CERT_HAS_EXPIRED: 'the certificate has expired',
    DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed',
    SELF_SIGNED_CERT_IN_CHAIN: 'the certificate chain is self-signed',
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate is signed by an unknown authority',
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate is signed by an unknown authority',
    ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host',
    ERR_TLS_PIN: 'the key is not one of the pinned ones',
  };
  return Object.hasOwn(known, code) ? (known[code] ?? code) : code || messageOf(cause);
};
