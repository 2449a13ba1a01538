import { fromBase64, type PortableConnection, type PortableRequest } from './control-protocol.ts';
import { headerValue, headerValues, queryOf } from './read-request-head.ts';

/** A `RecordedRequest` from another process: a snapshot, with `Uint8Array` for `Buffer`. */
export class RemoteRequest {
  readonly method: string;
  readonly target: string;
  readonly path: string;
  readonly httpVersion: string;
  readonly rawHeaders: readonly (readonly [name: string, value: string])[];
  readonly trailers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  readonly chunks: readonly Uint8Array[];
  readonly raw: Uint8Array;
  readonly connection: number;
  readonly sequence: number;
  readonly tls: boolean;
  readonly complete: boolean;
  readonly receivedAt: number;

  constructor(request: PortableRequest) {
    this.method = request.method;
    this.target = request.target;
    this.path = request.path;
    this.httpVersion = request.httpVersion;
    this.rawHeaders = request.rawHeaders;
    this.trailers = request.trailers;
    this.body = fromBase64(request.body);
    this.chunks = request.chunks.map(fromBase64);
    this.raw = fromBase64(request.raw);
    this.connection = request.connection;
    this.sequence = request.sequence;
    this.tls = request.tls;
    this.complete = request.complete;
    this.receivedAt = request.receivedAt;
  }

  get query(): URLSearchParams {
    return queryOf(this.target);
  }

  get bodyText(): string {
    return new TextDecoder().decode(this.body);
  }

  header(name: string): string | undefined {
    return headerValue(this.rawHeaders, name);
  }

  headers(name: string): string[] {
    return headerValues(this.rawHeaders, name);
  }
}

/** A `RecordedConnection` from another process: a snapshot. */
export class RemoteConnection {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly open: boolean;
  readonly requests: number;
  readonly remoteEnded: boolean;
  readonly error: string | undefined;
  readonly malformed: string | undefined;
  readonly tls: PortableConnection['tls'];

  constructor(connection: PortableConnection) {
    this.id = connection.id;
    this.bytes = fromBase64(connection.bytes);
    this.open = connection.open;
    this.requests = connection.requests;
    this.remoteEnded = connection.remoteEnded;
    this.error = connection.error;
    this.malformed = connection.malformed;
    this.tls = connection.tls;
  }
}
