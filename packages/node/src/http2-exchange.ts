import {
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
  type IncomingHttpStatusHeader,
} from 'node:http2';
import type { Dispatcher } from 'undici/index.js';
import { ranOut } from './abort-reason.ts';
import { http2CodeName } from './http2-code-name.ts';
import { Http2Error } from './http2-error.ts';
import { responseHeaders } from './http2-headers.ts';
import { maxInterimResponses } from './interim-responses.ts';
import { StreamedBody } from './streamed-body.ts';

type ResponseFields = IncomingHttpHeaders & IncomingHttpStatusHeader;

/** What a stream asks and tells its connection. */
export interface Http2ExchangeOwner {
  /** Whether the server has said that it will not process this stream. */
  isRefused(id: number | undefined): boolean;
  ended(): void;
  /** No answer came in time. */
  unanswered(): void;
  /** What ended the connection. */
  failure(): Error | undefined;
  readonly isConnected: boolean;
  /** Opens another stream for the same request. */
  again(): ClientHttp2Stream;
}

/** What hears of a request and its response: undici's handler, told of more. */
export interface Http2Handler extends Omit<Dispatcher.DispatchHandler, 'onConnect'> {
  /** @param unsentBytes - says how much of the body has been taken from its source and waits for room in the server's window */
  onConnect?(abort: (reason?: Error) => void, unsentBytes: () => number): void;
  /** The whole request has been written. */
  onRequestSent?(): void;
}

/** One request and its response on a stream of their own. Whatever ends it ends this stream alone. */
export class Http2Exchange {
  readonly #handler: Http2Handler;
  readonly #owner: Http2ExchangeOwner;
  readonly #method: string;
  #stream: ClientHttp2Stream | null = null;
  #aborted: Error | null = null;
  #over = false;
  /** What Content-Length has announced, less what has come; `null` where it says nothing. */
  #missing: number | null = null;
  #answered = false;
  #repeated = false;
  #interims = 0;
  /** Whether the server has said END_STREAM. */
  #isWhole = false;

  constructor({ method }: Dispatcher.DispatchOptions, handler: Http2Handler, owner: Http2ExchangeOwner) {
    this.#method = method;
    this.#handler = handler;
    this.#owner = owner;
  }

  /** Tells the handler that it is its turn. `false` when it does not want any more. */
  begin(): boolean {
    try {
      this.#handler.onConnect?.(
        (reason) => this.#abort(reason ?? new Error('aborted')),
        () => this.#stream?.writableLength ?? 0,
      );
      if (this.#aborted === null) return true;
    } catch (error) {
      // It was given up while it waited for the connection.
      this.#aborted = error instanceof Error ? error : new Error('aborted', { cause: error });
    }
    this.#over = true;
    this.#handler.onError?.(this.#aborted);
    return false;
  }

  attach(stream: ClientHttp2Stream, body: unknown): void {
    this.#stream = stream;
    this.#watchForEnd(stream);
    stream.on('headers', (headers) => this.#interim(headers));
    stream.on('response', (headers, _flags, ...raw: unknown[]) => this.#response(headers, raw[0]));
    stream.once('end', () => this.#end(stream));
    stream.once('error', (error: Error) => this.#broken(stream, error, body));
    // RST_STREAM with CANCEL shows as a bare close.
    stream.once('close', () => this.#broken(stream, undefined, body));
    if (body == null) this.#handler.onRequestSent?.();
    else void this.#write(stream, body as Uint8Array | StreamedBody);
  }

  /**
   * Node ends what it reads of a stream at END_STREAM and at a reset without an error, which may come in mid body (RFC 9113 8.1), and no event
   * tells one from the other. But at a reset it has closed the stream by then.
   */
  #watchForEnd(stream: ClientHttp2Stream): void {
    const push = stream.push.bind(stream);
    stream.push = (chunk: unknown, encoding?: BufferEncoding) => {
      if (chunk === null && !stream.closed) this.#isWhole = true;
      return push(chunk, encoding);
    };
  }

  #broken(stream: ClientHttp2Stream, cause: Error | undefined, body: unknown): void {
    if (this.#over || stream !== this.#stream) return;
    // Opened before the server had said how many streams it takes at a time: now it is known, and this one can wait its turn.
    const mayRepeat = !this.#repeated && !(body instanceof StreamedBody && !body.replayable);
    if (stream.rstCode === constants.NGHTTP2_REFUSED_STREAM && !this.#answered && mayRepeat) {
      this.#repeated = true;
      try {
        this.attach(this.#owner.again(), body);
        return;
      } catch {
        // The connection takes no more streams; the refusal stands.
      }
    }
    this.fail(this.#reasonOf(cause));
  }

  fail(error: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#release();
    this.#handler.onError?.(error);
    this.#owner.ended();
  }

  #abort(reason: Error): void {
    if (this.#over || this.#aborted !== null) return;
    this.#aborted = reason;
    if (this.#stream === null) return;
    if (reason === ranOut && !this.#answered) this.#owner.unanswered();
    this.fail(reason);
  }

  #interim(headers: ResponseFields): void {
    if (this.#over) return;
    this.#interims += 1;
    if (this.#interims > maxInterimResponses) {
      this.fail(
        new Http2Error('ERR_INTERIM_RESPONSES', `more than ${maxInterimResponses} interim responses`),
      );
      return;
    }
    this.#handler.onHeaders?.(Number(headers[':status']), [], nothing, '');
  }

  #response(headers: ResponseFields, raw: unknown): void {
    const stream = this.#stream;
    if (this.#over || stream === null) return;
    this.#answered = true;
    const status = Number(headers[':status']);
    // Node 20 and 22 give any three digits as a response.
    if (!(status >= 200)) {
      this.fail(new Http2Error('HPE_INVALID_STATUS', 'the response has no final status'));
      return;
    }
    this.#missing = announcedLength(this.#method, status, headers['content-length']);
    const lines = responseHeaders(headers, raw).map((text) => Buffer.from(text, 'latin1'));
    this.#handler.onResponseStarted?.();
    if (this.#handler.onHeaders?.(status, lines, () => stream.resume(), '') === false) stream.pause();
    stream.on('data', (chunk: Buffer) => {
      if (this.#over) return;
      if (this.#missing !== null) this.#missing -= chunk.byteLength;
      if (this.#handler.onData?.(chunk) === false) stream.pause();
    });
  }

  #end(stream: ClientHttp2Stream): void {
    if (this.#over || !this.#answered || stream !== this.#stream) return;
    // Node ends the readable side of a stream that was cut off, too: by a reset, or with the connection.
    if (!this.#isWhole || stream.rstCode !== constants.NGHTTP2_NO_ERROR) {
      this.fail(this.#reasonOf(undefined));
      return;
    }
    if (this.#missing !== null && this.#missing !== 0) {
      this.fail(new Http2Error('ERR_HTTP2_LENGTH', 'the body is not as long as Content-Length says'));
      return;
    }
    this.#over = true;
    this.#handler.onComplete?.(null);
    this.#owner.ended();
    // An answer that did not wait for the whole request: the rest of it is not wanted (RFC 9113 8.1).
    if (!stream.writableFinished) this.#release();
  }

  /** Resets the stream, if it is still there; data that arrive late are dropped. */
  #release(): void {
    const stream = this.#stream;
    if (stream === null || stream.destroyed) return;
    stream.removeAllListeners('data');
    stream.on('error', nothing);
    if (!stream.closed) stream.close(constants.NGHTTP2_CANCEL);
    stream.destroy();
  }

  #reasonOf(cause: Error | undefined): Error {
    const stream = this.#stream;
    const code = stream?.rstCode ?? constants.NGHTTP2_NO_ERROR;
    if (code === constants.NGHTTP2_REFUSED_STREAM || (!this.#answered && this.#owner.isRefused(stream?.id))) {
      return new Http2Error('ERR_HTTP2_REFUSED', 'the server did not process the request', cause);
    }
    const failure = this.#owner.failure();
    if (failure !== undefined) return new Http2Error('ECONNRESET', failure.message, cause ?? failure);
    if (!this.#owner.isConnected) {
      return new Http2Error('ECONNRESET', 'the connection closed before the end of the response', cause);
    }
    return new Http2Error('ERR_HTTP2_RESET', `the server reset the stream: ${http2CodeName(code)}`, cause);
  }

  async #write(stream: ClientHttp2Stream, body: Uint8Array | StreamedBody): Promise<void> {
    if (!(body instanceof StreamedBody)) {
      stream.end(body);
      this.#handler.onBodySent?.(body.byteLength, body.byteLength);
      this.#handler.onRequestSent?.();
      return;
    }
    try {
      for await (const chunk of body.stream()) {
        if (this.#over || !stream.writable) break; // ends the source, too
        const hasRoom = stream.write(chunk);
        this.#handler.onBodySent?.(chunk.byteLength, chunk.byteLength);
        if (!hasRoom) await drained(stream);
      }
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error), { cause: error }));
      return;
    }
    if (this.#over || !stream.writable) return;
    stream.end();
    this.#handler.onRequestSent?.();
  }
}

const nothing = (): void => undefined;

const drained = (stream: ClientHttp2Stream): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
    if (stream.destroyed) done();
  });

const announcedLength = (method: string, status: number, length: string | undefined): number | null => {
  // RFC 9110 8.6: these announce what a GET would have got.
  if (method === 'HEAD' || status === 204 || status === 304 || length === undefined) return null;
  return /^\d+$/.test(length) ? Number(length) : null;
};
