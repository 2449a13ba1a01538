/** The head of a proxy's answer to CONNECT. */
export interface ConnectResponse {
  readonly statusCode: number;
  readonly statusText: string;
  /** Values by lower-case name, in order. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** Where the head ends in the bytes. */
  readonly end: number;
}

/** Longest head of an answer to CONNECT, in bytes; interim answers count. */
export const MAX_CONNECT_HEAD = 16_384;

/**
 * Reads the head of a final answer to CONNECT, past interim ones (1xx).
 *
 * Strict on purpose (RFC 9112): a proxy that is misread hands the tunnel to whoever wrote the bytes.
 *
 * @returns `undefined` while bytes are missing
 * @throws {SyntaxError} when it is no HTTP/1 head, or too long
 */
export function readConnectResponse(bytes: Buffer): ConnectResponse | undefined {
  let start = 0;
  for (;;) {
    checkStart(bytes, start);
    const blank = bytes.indexOf('\r\n\r\n', start);
    if ((blank === -1 ? bytes.length : blank) > MAX_CONNECT_HEAD)
      throw new SyntaxError('its head is too long');
    if (blank === -1) return undefined;
    const end = blank + 4;
    const response = readHead(bytes.toString('latin1', start, blank), end);
    if (response.statusCode >= 200) return response;
    // RFC 9110 15.2.2: the client did not ask to switch protocols.
    if (response.statusCode === 101) throw new SyntaxError('it switches protocols');
    start = end;
  }
}

const PROTOCOL = 'HTTP/1.';

/** Finds what is not HTTP at its first byte, without waiting for a line end that may never come. */
function checkStart(bytes: Buffer, start: number): void {
  const length = Math.min(PROTOCOL.length, bytes.length - start);
  if (bytes.toString('latin1', start, start + length) !== PROTOCOL.slice(0, length))
    throw new SyntaxError('it is not HTTP/1');
}

function readHead(head: string, end: number): ConnectResponse {
  const [first = '', ...lines] = head.split('\r\n');
  const status = /^HTTP\/1\.[01] ([1-5]\d\d)(?: ([^\0\r\n]*))?$/.exec(first);
  if (status === null) throw new SyntaxError('its status line is malformed');
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    // A folded line has no name, and a bare CR, LF or NUL no place: neither matches.
    const [, name, value] = /^([!#$%&'*+\-.^_`|~\w]+):[ \t]*([^\0\r\n]*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new SyntaxError('a header line is malformed');
    const key = name.toLowerCase();
    headers.set(key, [...(headers.get(key) ?? []), value.trimEnd()]);
  }
  return { statusCode: Number(status[1]), statusText: status[2] ?? '', headers, end };
}
