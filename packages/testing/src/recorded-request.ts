import { headerValue, headerValues, queryOf } from './read-request-head.ts';

/** One request as it arrived. It is live: body, trailers and `complete` follow the wire until the request is whole. */
export interface RecordedRequest {
  readonly method: string;
  /** The request target as sent: `/path?query`, `http://host/path` (to a proxy), `host:port` (CONNECT) or `*`. */
  readonly target: string;
  /** The target's path, not normalised, without query; the authority for CONNECT. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** `1.1` or `1.0`. */
  readonly httpVersion: string;
  /** In the order and case of arrival. Values are read as Latin-1, one character per byte. */
  readonly rawHeaders: readonly (readonly [name: string, value: string])[];
  /** The values of a header joined with `, `, or `undefined` when absent. */
  header(name: string): string | undefined;
  /** The values of a header, one for each line that carried it. */
  headers(name: string): string[];
  /** The body so far, without chunk framing. */
  readonly body: Buffer;
  /** The body so far as UTF-8. */
  readonly bodyText: string;
  /** The chunks of a chunked body, else empty. */
  readonly chunks: readonly Buffer[];
  readonly trailers: readonly (readonly [name: string, value: string])[];
  /** Every byte of the request so far. */
  readonly raw: Buffer;
  /** The number of its connection, from 1. */
  readonly connection: number;
  /** Its number on the connection, from 1. */
  readonly sequence: number;
  readonly tls: boolean;
  /** Whether the whole request, body included, has arrived. */
  readonly complete: boolean;
  /** When its head was complete, in milliseconds of `performance.now()`. */
  readonly receivedAt: number;
}

/** The recording side of {@link RecordedRequest}: the parser fills it. */
export class RequestRecord implements RecordedRequest {
  readonly connection: number;
  readonly sequence: number;
  readonly tls: boolean;
  readonly rawHeaders: (readonly [string, string])[] = [];
  readonly trailers: (readonly [string, string])[] = [];
  method = '';
  target = '';
  httpVersion = '';
  complete = false;
  receivedAt = 0;
  bodyLength = 0;
  #body: Buffer[] = [];
  #raw: Buffer[] = [];
  #chunks: Buffer[][] = [];

  constructor(connection: number, sequence: number, tls: boolean) {
    this.connection = connection;
    this.sequence = sequence;
    this.tls = tls;
  }

  get path(): string {
    if (this.method === 'CONNECT') return this.target;
    const withoutOrigin = this.target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '');
    const query = withoutOrigin.search(/[?#]/);
    return (query === -1 ? withoutOrigin : withoutOrigin.slice(0, query)) || '/';
  }

  get query(): URLSearchParams {
    return queryOf(this.target);
  }

  get body(): Buffer {
    return gather(this.#body);
  }

  get chunks(): readonly Buffer[] {
    return this.#chunks.map(gather);
  }

  get bodyText(): string {
    return this.body.toString('utf8');
  }

  get raw(): Buffer {
    return gather(this.#raw);
  }

  header(name: string): string | undefined {
    return headerValue(this.rawHeaders, name);
  }

  headers(name: string): string[] {
    return headerValues(this.rawHeaders, name);
  }

  /** Whether a comma-separated header lists the token. */
  lists(name: string, token: string): boolean {
    return this.headers(name).some((value) =>
      value.split(',').some((part) => part.trim().toLowerCase() === token),
    );
  }

  /** Whether the client is willing to send another request on the connection (RFC 9112 section 9.3). */
  get keepAlive(): boolean {
    if (this.lists('connection', 'close')) return false;
    return this.httpVersion !== '1.0' || this.lists('connection', 'keep-alive');
  }

  addRaw(bytes: Buffer): void {
    this.#raw.push(bytes);
  }

  addBody(bytes: Buffer): void {
    this.#body.push(bytes);
    this.bodyLength += bytes.length;
  }

  addToChunk(bytes: Buffer, first: boolean): void {
    this.addBody(bytes);
    if (first) this.#chunks.push([]);
    this.#chunks.at(-1)?.push(bytes);
  }
}

/** Joins the pieces once and keeps the result as the only piece. */
export function gather(pieces: Buffer[]): Buffer {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return only;
  const whole = Buffer.concat(pieces);
  pieces.length = 0;
  pieces.push(whole);
  return whole;
}
