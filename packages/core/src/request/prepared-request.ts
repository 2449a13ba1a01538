import type { AuthRequest } from '../auth/auth.ts';
import type { Call } from '../call.ts';
import { UnreplayableBodyError } from '../errors.ts';
import { inspectAs } from '../inspect.ts';
import type { ResolvedOptions } from '../options/resolve-options.ts';
import { redactUrl } from '../redact.ts';
import type { CancelScope } from '../timeout/cancel-scope.ts';
import { concatBytes } from './byte-chunks.ts';
import type { HeaderList } from './header-list.ts';
import { bytesBody, type RequestBody } from './request-body.ts';
import { parseRequestURL, type RequestURL } from './request-url.ts';

/** What a {@link PreparedRequest} is made of. */
export interface PreparedRequestParts {
  readonly method: string;
  readonly target: RequestURL;
  readonly headers: HeaderList;
  readonly body: RequestBody | null;
  readonly options: ResolvedOptions;
  readonly call: Call;
  readonly scope: CancelScope;
}

/**
 * A request as it will be sent: immutable, so that layers derive copies with {@link with} and never change what others hold.
 *
 * Everything is private state behind getters: printing a request at any depth shows no header, body or credential.
 */
export class PreparedRequest implements AuthRequest {
  static {
    inspectAs(
      PreparedRequest,
      (request) => `PreparedRequest { ${request.method} ${redactUrl(request.url)} }`,
    );
  }

  readonly #method: string;
  readonly #target: RequestURL;
  readonly #headers: HeaderList;
  readonly #body: RequestBody | null;
  readonly #options: ResolvedOptions;
  readonly #call: Call;
  readonly #scope: CancelScope;
  #hop: PreparedRequest | null = null;

  constructor(parts: PreparedRequestParts) {
    this.#method = parts.method;
    this.#target = parts.target;
    this.#headers = parts.headers;
    this.#body = parts.body;
    this.#options = parts.options;
    this.#call = parts.call;
    this.#scope = parts.scope;
  }

  get method(): string {
    return this.#method;
  }

  /** The absolute URL, without user information and fragment. */
  get url(): string {
    return this.#target.href;
  }

  /** The URL's parts, parsed once. */
  get target(): RequestURL {
    return this.#target;
  }

  get origin(): string {
    return this.#target.origin;
  }

  get headers(): HeaderList {
    return this.#headers;
  }

  get body(): RequestBody | null {
    return this.#body;
  }

  /** The effective options of the call. */
  get options(): ResolvedOptions {
    return this.#options;
  }

  /** @internal What all hops and attempts of the call share. */
  get call(): Call {
    return this.#call;
  }

  /**
   * @internal The request of this hop, before cookies and credentials were added to it: what is sent when its body broke. `null` before it
   * was sent. Not their call's: a middleware may send several at once.
   */
  get hop(): PreparedRequest | null {
    return this.#hop;
  }

  /** @internal What is derived from here on belongs to the hop of this request. (Set in place: a copy of every request would take 50 ns.) */
  beginHop(): void {
    this.#hop = this;
  }

  /** Ends this attempt when cancelled; transports listen to it. */
  get scope(): CancelScope {
    return this.#scope;
  }

  /** The same as an `AbortSignal`, made on first use. */
  get signal(): AbortSignal {
    return this.#scope.signal;
  }

  /** Attempts of the call so far. */
  get attempts(): number {
    return this.#call.attempts;
  }

  /** The most attempts that the retry policy allows. */
  get maxAttempts(): number {
    return this.#options.retry.limit + 1;
  }

  /** Whether the body can be sent (again) now. */
  get replayable(): boolean {
    return this.#body === null || this.#body.replayable;
  }

  /** The value of a header, by its name in any case. */
  header(name: string): string | undefined {
    return this.#headers.get(name.toLowerCase());
  }

  /** A copy in which a header has this value; `null` removes it. @throws {InvalidHeaderError} for what no header can be */
  withHeader(name: string, value: string | null): this {
    return this.withHeaders(this.#headers.with(name, value));
  }

  /** A copy with these headers. (On the path of every request: 50 ns, where `with` takes 1 us.) */
  withHeaders(headers: HeaderList): this {
    return this.#derived({
      method: this.#method,
      target: this.#target,
      headers,
      body: this.#body,
      options: this.#options,
      call: this.#call,
      scope: this.#scope,
    });
  }

  /** @internal A copy that ends with another scope: one attempt's. */
  withScope(scope: CancelScope): this {
    return this.#derived({
      method: this.#method,
      target: this.#target,
      headers: this.#headers,
      body: this.#body,
      options: this.#options,
      call: this.#call,
      scope,
    });
  }

  /** A copy for another URL; credentials in it are refused, they belong to `auth`. */
  withUrl(url: string): this {
    const target = parseRequestURL(url);
    if (target.userinfo !== null) throw new TypeError('url must not carry user information here');
    return this.with({ target });
  }

  /** A copy with another body, or none. `contentType` becomes its header; without one, the header stays as it is. */
  withBody(body: Uint8Array | string | null, contentType: string | null = null): this {
    if (body === null) return this.with({ body: null, headers: this.#headers.with('content-type', null) });
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
    const request = contentType === null ? this : this.withHeader('content-type', contentType);
    return request.with({ body: bytesBody(bytes, contentType) });
  }

  /** A derived copy. */
  with(changes: Partial<PreparedRequestParts>): this {
    // Own members only: a polluted Object.prototype.body must not become the body of every derived request.
    const own = <Name extends keyof PreparedRequestParts>(
      name: Name,
    ): PreparedRequestParts[Name] | undefined => (Object.hasOwn(changes, name) ? changes[name] : undefined);
    const body = own('body');
    return this.#derived({
      method: own('method') ?? this.#method,
      target: own('target') ?? this.#target,
      headers: own('headers') ?? this.#headers,
      body: body === undefined ? this.#body : body,
      options: own('options') ?? this.#options,
      call: own('call') ?? this.#call,
      scope: own('scope') ?? this.#scope,
    });
  }

  /**
   * The body as it will be sent, `null` without one.
   * @throws {UnreplayableBodyError} for a stream that can be read only once
   */
  bodyBytes(): Promise<Uint8Array> | Uint8Array | null {
    const body = this.#body;
    if (body === null || body.bytes !== null) return body?.bytes ?? null;
    if (body.kind === 'one-shot') {
      throw new UnreplayableBodyError('the credential signs the body, and the body is a one-shot stream', {
        request: this,
      });
    }
    return collect(body.stream());
  }

  /** A log line: method and URL without user information and query values. */
  toJSON(): { method: string; url: string } {
    return { method: this.#method, url: redactUrl(this.url) };
  }

  #derived(parts: PreparedRequestParts): this {
    const derived = new PreparedRequest(parts);
    derived.#hop = this.#hop;
    return derived as this; // never subclassed
  }
}

const collect = async (stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return concatBytes(chunks);
};
