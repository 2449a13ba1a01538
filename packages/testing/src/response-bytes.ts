import { STATUS_CODES } from 'node:http';
import { expandBytes } from './expand-bytes.ts';
import type { RequestRecord } from './recorded-request.ts';
import { type ChunkedSpec, type HeadSpec, pairs, type ResponseSpec } from './steps.ts';

/** A response ready for the wire. */
export interface ResponseBytes {
  readonly head: Buffer;
  readonly body: Buffer;
  /** Whether the server ends the connection after it. */
  readonly closes: boolean;
}

type Headers = [name: string, value: string][];

/** The status line and headers of a response, nothing added. */
export function headBytes(head: HeadSpec, headers: Headers = pairs(head.headers)): Buffer {
  const status = head.status ?? 200;
  const reason = head.reason ?? STATUS_CODES[status] ?? '';
  const lines = [`HTTP/${head.version ?? '1.1'} ${status} ${reason}`.trimEnd()];
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  return encodeHead(`${lines.join('\r\n')}\r\n\r\n`);
}

/** The bytes of a response to `request` (unknown when it answers a connection rather than a request). */
export function responseBytes(
  spec: ResponseSpec,
  request: RequestRecord | undefined,
  cors: Headers,
): ResponseBytes {
  const status = spec.status ?? 200;
  const headers = pairs(spec.headers);
  const body = spec.body === undefined ? Buffer.alloc(0) : expandBytes(spec.body);
  const framing = spec.framing ?? 'length';
  const framed = has(headers, 'content-length') || has(headers, 'transfer-encoding');
  if (framing === 'length' && !framed && mayHaveBody(status)) {
    headers.push(['content-length', String(body.length)]);
  }
  if (framing === 'chunked') headers.push(['transfer-encoding', 'chunked']);
  const closes = connectionHeader(headers, request, status, framing === 'close');
  const sent = request?.method === 'HEAD' || !mayHaveBody(status) ? Buffer.alloc(0) : body;
  return {
    head: headBytes(spec, [...headers, ...cors]),
    body:
      framing === 'chunked' && request?.method !== 'HEAD'
        ? Buffer.concat([chunk(sent, ''), LAST_CHUNK])
        : sent,
    closes,
  };
}

/** The pieces of a chunked response: head, each chunk, end. Written one by one. */
export function chunkedBytes(
  spec: ChunkedSpec,
  request: RequestRecord | undefined,
  cors: Headers,
): {
  readonly head: Buffer;
  readonly chunks: readonly Buffer[];
  readonly end: Buffer;
  readonly closes: boolean;
} {
  const headers = pairs(spec.headers);
  if (!has(headers, 'transfer-encoding')) headers.push(['transfer-encoding', 'chunked']);
  const closes = connectionHeader(headers, request, spec.status ?? 200, false);
  const bodyless = request?.method === 'HEAD';
  const trailers = pairs(spec.trailers).map(([name, value]) => `${name}: ${value}\r\n`);
  return {
    head: headBytes(spec, [...headers, ...cors]),
    chunks: bodyless ? [] : spec.chunks.map((bytes) => chunk(expandBytes(bytes), spec.extension ?? '')),
    end: bodyless || spec.end === false ? Buffer.alloc(0) : encodeHead(`0\r\n${trailers.join('')}\r\n`),
    closes,
  };
}

const LAST_CHUNK = Buffer.from('0\r\n\r\n');

function chunk(bytes: Buffer, extension: string): Buffer {
  // An empty chunk would be the last one.
  if (bytes.length === 0) return bytes;
  return Buffer.concat([
    Buffer.from(`${bytes.length.toString(16)}${extension}\r\n`, 'latin1'),
    bytes,
    Buffer.from('\r\n'),
  ]);
}

/** Says in the headers whether the connection stays, and returns whether it closes. */
function connectionHeader(
  headers: Headers,
  request: RequestRecord | undefined,
  status: number,
  closeDelimited: boolean,
): boolean {
  if (status < 200) return false;
  const given = headers
    .filter(([name]) => name.toLowerCase() === 'connection')
    .map(([, value]) => value.toLowerCase());
  if (given.length > 0)
    return closeDelimited || given.some((value) => /(?:^|,)\s*close\s*(?:,|$)/.test(value));
  const keepAlive = !closeDelimited && (request?.keepAlive ?? true);
  if (!keepAlive) headers.push(['connection', 'close']);
  else if (request?.httpVersion === '1.0') headers.push(['connection', 'keep-alive']);
  return !keepAlive;
}

function mayHaveBody(status: number): boolean {
  return status >= 200 && status !== 204 && status !== 304;
}

function has(headers: Headers, name: string): boolean {
  return headers.some(([given]) => given.toLowerCase() === name);
}

/** One byte per character where that is possible, as HTTP/1 does; UTF-8 for the rest. */
function encodeHead(text: string): Buffer {
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) > 0xff) return Buffer.from(text, 'utf8');
  }
  return Buffer.from(text, 'latin1');
}
