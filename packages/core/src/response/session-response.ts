import { BodyTooLargeError, HTTPError, JSONDecodeError, SchemaError } from '../errors.ts';
import { inspectAs } from '../inspect.ts';
import type { DownloadOptions, DownloadResult } from '../platform.ts';
import { redactUrl } from '../redact.ts';
import { isRedirect } from '../redirect/redirect-request.ts';
import { concatBytes } from '../request/byte-chunks.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import type { BodySource } from './body-source.ts';
import { bodyStream } from './body-stream.ts';
import { BranchSource } from './branch-source.ts';
import { encodingOf } from './content-type.ts';
import { decodeForm } from './decode-form.ts';
import { decodeJson } from './decode-json.ts';
import { decodeText } from './decode-text.ts';
import { discardBody } from './discard-body.ts';
import { exactChunks } from './exact-chunks.ts';
import { isErrorStatus } from './is-error-status.ts';
import { KeptBody } from './kept-body.ts';
import { splitLines } from './lines.ts';
import { type Link, parseLinks } from './links.ts';
import { parseNdjson } from './ndjson.ts';
import { ownBytes } from './own-bytes.ts';
import { plainResponse } from './plain-response.ts';
import { readStream, readWhole } from './read-stream.ts';
import { ResponseCookies } from './response-cookies.ts';
import {
  type ConnectionInfo,
  type LinesOptions,
  type ResponseHead,
  type ResponseTag,
  type TextOptions,
  type Timings,
  timingsOf,
} from './response-head.ts';
import { type HeaderSource, ResponseHeaders } from './response-headers.ts';
import { parseSse, type ServerSentEvent } from './sse.ts';
import { type StandardSchema, validatorOf } from './standard-schema.ts';

/**
 * A WHATWG `Response` (`instanceof` holds) that knows the request, the way it took, and how to read a body by lines, events or chunks.
 *
 * It inherits from `Response` by prototype only: `new Response` costs 0.1 to 6.5 us, refuses statuses such as 999, and buffers nothing that
 * a transport has not buffered already. The WHATWG parts are made when they are touched. `toResponse()` gives a plain one.
 */
export class SessionResponse implements Response {
  static {
    inspectAs(
      SessionResponse,
      ({ status, request, url }) => `SessionResponse { ${status} ${request.method} ${redactUrl(url)} }`,
    );
  }

  /** Why another response followed this one; `undefined` for the last. */
  tag: ResponseTag | undefined;
  /**
   * @internal Whether its request may be sent again in its place, when the body broke: for what the hops of the call led to. Not for what
   * a hook or a middleware has made of that, say decrypted: the server's answer would take its place.
   */
  repeatable = false;
  /** @internal Redirects that were followed to it. */
  redirects = 0;
  readonly #request: PreparedRequest;
  readonly #head: ResponseHead;
  #source: BodySource | null;
  #headers: ResponseHeaders | null = null;
  #stream: ReadableStream<Uint8Array<ArrayBuffer>> | null = null;
  #used = false;
  /** Somebody takes the whole body, and will see to its end. */
  #whole = false;
  #lost: { readonly reason: unknown } | null = null;
  #kept = false;
  /** The same for all that read from one body. */
  #root: object = this;
  #history: readonly SessionResponse[];

  constructor(request: PreparedRequest, head: ResponseHead, source: BodySource | null) {
    if (!linked) link();
    this.#request = request;
    this.#head = head;
    this.#source = source;
    this.#history = request.call.history;
  }

  get status(): number {
    return this.#head.status;
  }

  get statusText(): string {
    return this.#head.statusText;
  }

  /** 200 to 299, as in fetch; `raiseForStatus()` judges as requests does. */
  get ok(): boolean {
    return this.status >= 200 && this.status <= 299;
  }

  get headers(): ResponseHeaders {
    this.#headers ??= new ResponseHeaders(this.#head.headers);
    return this.#headers;
  }

  /** The last URL, without fragment and user information, as in fetch. */
  get url(): string {
    return this.#head.url ?? this.#request.url;
  }

  get redirected(): boolean {
    return this.#history.some(({ tag }) => tag === 'redirect') || this.url !== this.#request.url;
  }

  get type(): Response['type'] {
    return this.#head.type ?? 'default';
  }

  get bodyUsed(): boolean {
    return this.#used;
  }

  get body(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    if (this.#source === null) return null;
    if (this.#stream === null) {
      this.#stream = bodyStream(this.#source, this);
      // Somebody reads the whole, or has: as in fetch, nobody else gets a part of it.
      if (this.#used) this.#stream.getReader();
    }
    return this.#stream;
  }

  /** Two responses that each read the body. The slower reader decides how much is held in memory. */
  clone(): SessionResponse {
    if (this.#used || this.#stream?.locked === true)
      throw new TypeError('clone: the body has been used already');
    const copy = new SessionResponse(this.#request, this.#head, null);
    copy.#history = this.#history;
    copy.#root = this.#root;
    copy.tag = this.tag;
    copy.repeatable = this.repeatable;
    copy.redirects = this.redirects;
    const { body } = this;
    if (this.#source !== null && body !== null) {
      const whole = this.#source;
      const tooLarge = (limit: number): Error => this.#tooLarge(limit);
      const [mine, theirs] = body.tee();
      this.#source = new BranchSource(mine, whole, tooLarge);
      copy.#source = new BranchSource(theirs, whole, tooLarge);
      this.#stream = null;
    }
    return copy;
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer;
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return ownBytes(await this.#readAll('bytes'));
  }

  async blob(): Promise<Blob> {
    const chunks = (await this.#readAll('blob')).map((chunk) => chunk as Uint8Array<ArrayBuffer>);
    return new Blob(chunks, { type: this.headers.get('content-type') ?? '' });
  }

  async formData(): Promise<FormData> {
    return decodeForm(await this.bytes(), this);
  }

  /** The body as text, by `encoding`, the byte order mark, the charset of Content-Type, or UTF-8. @throws {TypeError} for an unknown `encoding` */
  async text(options?: TextOptions): Promise<string> {
    const bytes = concatBytes(await this.#readAll('text'));
    return decodeText(bytes, this.headers.get('content-type'), options?.encoding);
  }

  /**
   * The body as JSON, checked by a Standard Schema when one is given.
   * @throws {JSONDecodeError} when it is not JSON, or empty
   * @throws {SchemaError} when it does not fit the schema
   */
  json<T = unknown>(): Promise<T>;
  json<Output>(schema: StandardSchema<unknown, Output>): Promise<Output>;
  async json(schema?: StandardSchema<unknown, unknown>): Promise<unknown> {
    const validate = schema === undefined ? null : validatorOf(schema);
    const value = decodeJson(concatBytes(await this.#readAll('json')), this);
    if (validate === null) return value;
    const result = await validate(value);
    if (result.issues !== undefined) throw new SchemaError(result.issues, { response: this });
    return result.value;
  }

  /** The request as it was sent last, with everything that layers added. */
  get request(): PreparedRequest {
    return this.#request;
  }

  /** Earlier responses of the call, oldest first: redirects, challenges and retries, each with its `tag`. */
  get history(): readonly SessionResponse[] {
    return this.#history;
  }

  /** The last URL with its fragment, which redirects inherit (RFC 9110 10.2.2). */
  get finalUrl(): string {
    return this.url + this.#request.target.fragment;
  }

  /** Milliseconds from sending this exchange's request to the end of the response's head. */
  get elapsed(): number {
    return this.#head.headersAt - this.#head.sentAt;
  }

  /** When this exchange had a connection and the response's head, in milliseconds. */
  get timings(): Timings {
    return timingsOf(this.#head);
  }

  /** The connection that was used, where the platform tells (Node). */
  get connection(): ConnectionInfo | undefined {
    return this.#head.connection;
  }

  /** Attempts of the call when this response came. */
  get attempts(): number {
    return this.#request.attempts;
  }

  /** The cookies that this response set, by name. Empty in browsers, which hide them. */
  get cookies(): ResponseCookies {
    return new ResponseCookies(this.headers.getSetCookie());
  }

  /** The `Link` header by relation, targets made absolute (RFC 8288). */
  get links(): Record<string, Link> {
    return parseLinks(this.headers.get('link') ?? '', this.url);
  }

  /** The request that a redirect, left alone with `redirect: 'manual'`, would make next; `null` without one. */
  get next(): PreparedRequest | null {
    return this.#request.call.session.nextRequest(this);
  }

  /** A 301, 302, 303, 307 or 308 with a Location. */
  get isRedirect(): boolean {
    return isRedirect(this);
  }

  /** A 301 or 308 with a Location. */
  get isPermanentRedirect(): boolean {
    return this.isRedirect && (this.status === 301 || this.status === 308);
  }

  /** The canonical name of the charset that Content-Type declares, or `null`. */
  get encoding(): string | null {
    return encodingOf(this.headers.get('content-type'));
  }

  /** Returns itself. @throws {HTTPError} on 4xx and 5xx */
  raiseForStatus(): this {
    if (isErrorStatus(this.status)) throw new HTTPError(this);
    return this;
  }

  /** The body line by line, right across chunk borders. */
  lines(options: LinesOptions = {}): AsyncGenerator<string, void, undefined> {
    return this.#read(
      splitLines(
        this.#chunks('lines'),
        { ...options, encoding: options.encoding ?? this.encoding ?? undefined },
        (limit) => this.#tooLarge(limit),
        this,
      ),
    );
  }

  /** The body in pieces of exactly `size` bytes; the last may be shorter. */
  chunks(size: number): AsyncGenerator<Uint8Array, void, undefined> {
    return this.#read(exactChunks(this.#chunks('chunks'), size, this));
  }

  /** A JSON value per line. */
  ndjson<T = unknown>(options: LinesOptions = {}): AsyncGenerator<T, void, undefined> {
    return this.#read(
      parseNdjson(
        this.lines(options),
        (message, line) => new JSONDecodeError(message, line, { response: this }),
      ) as AsyncGenerator<T, void, undefined>,
    );
  }

  /** Server-sent events (WHATWG HTML 9.2). @throws {BodyTooLargeError} for a line or the data of an event above 1,048,576 UTF-16 code units */
  sse(): AsyncGenerator<ServerSentEvent, void, undefined> {
    return this.#read(parseSse(this.#chunks('sse'), (limit) => this.#tooLarge(limit), this));
  }

  /** Writes the body to a file, whole or not at all. Node, Deno, Bun. @throws {UnsupportedOptionError} elsewhere */
  async download(path: string, options: DownloadOptions = {}): Promise<DownloadResult> {
    this.#whole = true;
    try {
      return await this.#request.call.session.download(this, path, options);
    } finally {
      this.#whole = false;
    }
  }

  /** A plain `Response` of the platform with the same status, headers and body: for `caches.put`, `Deno.serve`, a worker's return value. */
  toResponse(): Response {
    return plainResponse(this);
  }

  /**
   * Gives up what is left of the body and frees its connection: a short body that nobody has touched is read, so that the connection can
   * serve again. Whoever is still reading it piece by piece gets an error; what takes the whole (`return response.text()`) goes on.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#whole) return;
    if (this.#used || this.#stream?.locked === true) this.abandon();
    else await discardBody(this);
  }

  /** @internal Whether the body has ended, or was kept. */
  get drained(): boolean {
    return this.#kept || this.#source === null;
  }

  /** @internal The decoded bytes, for layers that wrap them. */
  get source(): BodySource | null {
    return this.#source;
  }

  /** @internal The body's stream has been read from or cancelled. One that was divided by `clone()` counts no longer. */
  bodyDisturbed(stream: ReadableStream): void {
    if (stream === this.#stream) this.#used = true;
  }

  /** @internal Why the body's stream ends before its time. */
  get bodyLost(): { readonly reason: unknown } | null {
    return this.#lost;
  }

  /** @internal Cancels the body unless it is kept. */
  abandon(reason?: unknown): void {
    if (this.#kept || this.#source === null) return;
    this.#used = true;
    // It may have failed before it was given up: nobody wants to know any more.
    if (this.#stream !== null && !this.#stream.locked)
      void this.#stream.cancel(reason).catch(() => undefined);
    else {
      // Whoever holds the stream must not take what came for the whole.
      if (this.#stream !== null)
        this.#lost = {
          reason: reason ?? new TypeError('the response was given up: its body is not complete'),
        };
      this.#source.cancel(reason);
    }
  }

  /** @internal Reads a body of at most `limit` bytes and keeps it, to be read from the history later. */
  async keep(limit: number): Promise<void> {
    await this.#keep(limit)?.arrived;
  }

  /** @internal Frees the connection as soon as the body has arrived; it stays readable up to `limit` bytes. */
  keepWhileItArrives(limit: number): void {
    void this.#keep(limit);
  }

  /** @internal Frees this response's connection, unless the one in its place reads from it. */
  replacedBy(other: SessionResponse): void {
    const mayBeRead = this.#used || this.#stream !== null || other.#root === this.#root;
    if (!mayBeRead) this.abandon();
  }

  /** @internal A response with another body or request, the rest kept. */
  derive(changes: {
    source?: BodySource | null;
    request?: PreparedRequest;
    headers?: HeaderSource;
  }): SessionResponse {
    const head = changes.headers === undefined ? this.#head : { ...this.#head, headers: changes.headers };
    const derived = new SessionResponse(
      changes.request ?? this.#request,
      head,
      changes.source === undefined ? this.#source : changes.source,
    );
    derived.#history = this.#history;
    derived.#root = this.#root;
    return derived;
  }

  get [Symbol.toStringTag](): string {
    return 'Response';
  }

  toJSON(): { status: number; url: string } {
    return { status: this.status, url: redactUrl(this.url) };
  }

  #keep(limit: number): KeptBody | null {
    if (this.#source === null || this.#kept) return null;
    const body = new KeptBody(this.#source, limit);
    this.#source = body;
    // Whoever looked at the body without reading it has a stream that would be empty now.
    if (this.#stream?.locked === false) this.#stream = null;
    body.arrived.then(
      () => {
        this.#kept = true;
      },
      // Whoever reads the body hears what became of it; its connection is free already.
      () => undefined,
    );
    return body;
  }

  #tooLarge(limit: number): BodyTooLargeError {
    return new BodyTooLargeError(limit, { response: this });
  }

  #readAll(how: string): Promise<readonly Uint8Array[]> {
    if (this.#used || this.#stream?.locked === true)
      return Promise.reject(new TypeError(`${how}: the body has been used already`));
    if (this.#source === null) return noChunks;
    this.#used = true;
    this.#whole = true;
    const limit = this.#request.options.maxResponseSize;
    if (this.#stream === null) return this.#source.readAll(limit);
    return readWhole(this.#stream, limit, () => this.#tooLarge(limit));
  }

  #chunks(how: string): AsyncIterable<Uint8Array> {
    if (this.#used || this.#stream?.locked === true)
      throw new TypeError(`${how}: the body has been used already`);
    return readStream(this.body);
  }

  /** From now on the body is that reader's, whose arguments were good. */
  #read<T>(reader: AsyncGenerator<T, void, undefined>): AsyncGenerator<T, void, undefined> {
    this.#used = true;
    const end = reader.return.bind(reader);
    // One that has not begun has no stream to cancel yet.
    reader.return = (value) => end(value).finally(() => this.abandon());
    return reader;
  }
}

const noChunks: Promise<readonly Uint8Array[]> = Promise.resolve([]);

let linked = false;

// Done at the first response, not at import: on Node, touching `Response` loads its whole fetch.
const link = (): void => {
  Object.setPrototypeOf(SessionResponse.prototype, Response.prototype);
  Object.setPrototypeOf(ResponseHeaders.prototype, Headers.prototype);
  linked = true;
};
