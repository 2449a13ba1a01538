import type { RequestRecord } from './recorded-request.ts';

/** What the parser tells its connection. */
export interface ParserEvents {
  /** A request begins: the record to fill. */
  begin(): RequestRecord;
  requestLine(request: RequestRecord): void;
  head(request: RequestRecord): void;
  progress(request: RequestRecord): void;
  complete(request: RequestRecord): void;
  /** The bytes are no HTTP/1 request; nothing more is parsed. */
  malformed(reason: string): void;
}

type State =
  | 'request-line'
  | 'headers'
  | 'length'
  | 'chunk-size'
  | 'chunk-data'
  | 'chunk-end'
  | 'trailers'
  | 'stopped';

const LF = 0x0a;

/**
 * Splits the bytes of a connection into requests (RFC 9112), keeping each byte. It is lenient about header contents,
 * since tests want to see what a client really sent, and strict about framing.
 */
export class RequestParser {
  readonly #events: ParserEvents;
  #state: State = 'request-line';
  #request: RequestRecord | undefined;
  #held: Buffer = Buffer.alloc(0);
  #searched = 0;
  #remaining = 0;
  #firstPiece = true;
  #paused = false;
  #tunnel: ((bytes: Buffer) => void) | undefined;

  constructor(events: ParserEvents) {
    this.#events = events;
  }

  push(bytes: Buffer): void {
    if (this.#tunnel !== undefined) {
      this.#tunnel(bytes);
      return;
    }
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    this.#parse();
  }

  /** Goes on behind a CONNECT that was refused: the parser stops at each CONNECT, as its client may send anything next. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#parse();
  }

  /** From here on the bytes are no HTTP: they go to `sink`, those already here included. */
  takeOver(sink: (bytes: Buffer) => void): void {
    this.#tunnel = sink;
    const early = this.#held;
    this.#held = Buffer.alloc(0);
    if (early.length > 0) sink(early);
  }

  #parse(): void {
    while (!this.#paused && this.#tunnel === undefined && this.#state !== 'stopped' && this.#step()) {
      // Each step consumes one element of the grammar and says whether it could.
    }
  }

  #step(): boolean {
    if (this.#state === 'request-line') return this.#requestLine();
    const request = this.#request;
    if (request === undefined) return false;
    switch (this.#state) {
      case 'headers':
        return this.#header(request);
      case 'length':
        return this.#body(request);
      case 'chunk-size':
        return this.#chunkSize(request);
      case 'chunk-data':
        return this.#chunkData(request);
      case 'chunk-end':
        return this.#chunkEnd(request);
      case 'trailers':
        return this.#trailer(request);
      default:
        return false;
    }
  }

  #requestLine(): boolean {
    const line = this.#line();
    if (line === undefined) return false;
    const text = withoutLineEnd(line);
    // RFC 9112 section 2.2: ignore at least one empty line before the request line.
    if (text === '') return true;
    const first = text.indexOf(' ');
    const last = text.lastIndexOf(' ');
    const version = /^HTTP\/(\d\.\d)$/.exec(text.slice(last + 1))?.[1];
    if (first < 1 || last <= first || version === undefined) {
      return this.#stop(`not a request line: ${JSON.stringify(text.slice(0, 80))}`);
    }
    const request = this.#events.begin();
    request.method = text.slice(0, first);
    request.target = text.slice(first + 1, last);
    request.httpVersion = version;
    request.addRaw(line);
    this.#request = request;
    this.#state = 'headers';
    this.#events.requestLine(request);
    return true;
  }

  #header(request: RequestRecord): boolean {
    const line = this.#line();
    if (line === undefined) return false;
    request.addRaw(line);
    const text = withoutLineEnd(line);
    if (text !== '') {
      request.rawHeaders.push(field(text));
      return true;
    }
    request.receivedAt = performance.now();
    const framing = bodyFraming(request);
    if (framing.kind === 'malformed') return this.#stop(framing.reason);
    this.#remaining = framing.kind === 'length' ? framing.length : 0;
    this.#state = framing.kind === 'length' ? 'length' : 'chunk-size';
    // A request without a body is whole before its head is announced: no script can meet it half-done.
    const bodyless = framing.kind === 'length' && framing.length === 0;
    if (bodyless) request.complete = true;
    if (request.method === 'CONNECT') this.#paused = true;
    this.#events.head(request);
    if (bodyless) this.#finish(request);
    return true;
  }

  #body(request: RequestRecord): boolean {
    const piece = this.#take(this.#remaining);
    if (piece.length === 0) return false;
    request.addRaw(piece);
    request.addBody(piece);
    this.#remaining -= piece.length;
    if (this.#remaining === 0) this.#finish(request);
    else this.#events.progress(request);
    return true;
  }

  #chunkSize(request: RequestRecord): boolean {
    const line = this.#line();
    if (line === undefined) return false;
    request.addRaw(line);
    const digits = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i.exec(withoutLineEnd(line))?.[1];
    if (digits === undefined) {
      return this.#stop(`not a chunk size: ${JSON.stringify(withoutLineEnd(line).slice(0, 80))}`);
    }
    this.#remaining = Number.parseInt(digits, 16);
    this.#firstPiece = true;
    this.#state = this.#remaining === 0 ? 'trailers' : 'chunk-data';
    return true;
  }

  #chunkData(request: RequestRecord): boolean {
    const piece = this.#take(this.#remaining);
    if (piece.length === 0) return false;
    request.addRaw(piece);
    request.addToChunk(piece, this.#firstPiece);
    this.#firstPiece = false;
    this.#remaining -= piece.length;
    if (this.#remaining === 0) this.#state = 'chunk-end';
    this.#events.progress(request);
    return true;
  }

  #chunkEnd(request: RequestRecord): boolean {
    const line = this.#line();
    if (line === undefined) return false;
    request.addRaw(line);
    if (withoutLineEnd(line) !== '') return this.#stop('bytes between a chunk and its line end');
    this.#state = 'chunk-size';
    return true;
  }

  #trailer(request: RequestRecord): boolean {
    const line = this.#line();
    if (line === undefined) return false;
    request.addRaw(line);
    const text = withoutLineEnd(line);
    if (text === '') this.#finish(request);
    else request.trailers.push(field(text));
    return true;
  }

  #finish(request: RequestRecord): void {
    request.complete = true;
    this.#request = undefined;
    this.#state = 'request-line';
    this.#events.complete(request);
  }

  #stop(reason: string): false {
    this.#state = 'stopped';
    this.#events.malformed(reason);
    return false;
  }

  /** The next line with its line end, or `undefined` while it is not all here. */
  #line(): Buffer | undefined {
    const end = this.#held.indexOf(LF, this.#searched);
    if (end === -1) {
      this.#searched = this.#held.length;
      return undefined;
    }
    this.#searched = 0;
    return this.#take(end + 1);
  }

  #take(length: number): Buffer {
    const piece = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(piece.length);
    return piece;
  }
}

type Framing =
  | { readonly kind: 'length'; readonly length: number }
  | { readonly kind: 'chunked' }
  | { readonly kind: 'malformed'; readonly reason: string };

/** RFC 9112 section 6.3: Transfer-Encoding wins over Content-Length; neither means no body. */
function bodyFraming(request: RequestRecord): Framing {
  if (request.method === 'CONNECT') return { kind: 'length', length: 0 };
  const coding = request.header('transfer-encoding');
  if (coding !== undefined) {
    return /(?:^|,)[ \t]*chunked$/i.test(coding)
      ? { kind: 'chunked' }
      : { kind: 'malformed', reason: `transfer-encoding does not end in chunked: ${coding}` };
  }
  const lengths = new Set(request.headers('content-length'));
  if (lengths.size === 0) return { kind: 'length', length: 0 };
  const [length = ''] = lengths;
  return lengths.size === 1 && /^\d{1,15}$/.test(length)
    ? { kind: 'length', length: Number(length) }
    : { kind: 'malformed', reason: `not a content-length: ${[...lengths].join(' and ')}` };
}

function withoutLineEnd(line: Buffer): string {
  return line.toString('latin1').replace(/\r?\n$/, '');
}

function field(text: string): readonly [string, string] {
  const colon = text.indexOf(':');
  if (colon === -1) return [text, ''];
  return [text.slice(0, colon), trimmed(text.slice(colon + 1))];
}

/** Without spaces and tabs around it: String.prototype.trim() would also take U+00A0, which a value may contain. */
function trimmed(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) start += 1;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end -= 1;
  return value.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
