/** A request as a control server tells it: {@link RecordedRequest} with its bytes in Base64. */
export interface PortableRequest {
  readonly method: string;
  readonly target: string;
  readonly path: string;
  readonly httpVersion: string;
  readonly rawHeaders: readonly (readonly [name: string, value: string])[];
  readonly trailers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  readonly chunks: readonly string[];
  readonly raw: string;
  readonly connection: number;
  readonly sequence: number;
  readonly tls: boolean;
  readonly complete: boolean;
  readonly receivedAt: number;
}

/** A connection as a control server tells it. */
export interface PortableConnection {
  readonly id: number;
  readonly bytes: string;
  readonly open: boolean;
  readonly requests: number;
  readonly remoteEnded: boolean;
  readonly error: string | undefined;
  readonly malformed: string | undefined;
  readonly tls:
    | {
        readonly servername?: string;
        readonly alpn?: string;
        readonly protocol?: string;
        readonly authorized: boolean;
        readonly peerCertificate?: { readonly commonName: string; readonly fingerprint256: string };
      }
    | undefined;
}

/** Everything a server has recorded. */
export interface PortableRecords {
  readonly requests: readonly PortableRequest[];
  readonly connections: readonly PortableConnection[];
  readonly openConnections: number;
}

/** What a control server says about a server it started. */
export interface StartedServer {
  readonly id: number;
  readonly origin: string;
  readonly port: number;
  readonly ca: string;
}

/** What to wait for from afar. All given facts must hold. */
export interface RemoteCondition {
  /** At least so many requests. */
  readonly requests?: number;
  /** At least so many requests that are complete. */
  readonly complete?: number;
  /** At least so many connections accepted. */
  readonly connections?: number;
  /** Exactly so many connections open. */
  readonly openConnections?: number;
}

/** The value with each `Uint8Array` in it replaced by `{ base64 }`. */
export function portable(value: unknown): unknown {
  if (typeof value === 'function') {
    throw new TypeError(
      'a remote script must be steps, got a function: functions run in the process of their server',
    );
  }
  if (value instanceof Uint8Array) return { base64: toBase64(value) };
  if (Array.isArray(value)) return value.map(portable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, portable(one)]));
}

/** Bytes from Base64. */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/** Bytes as Base64, without a platform's own means. */
function toBase64(bytes: Uint8Array): string {
  let binary = '';
  // A chunk at a time: too many arguments overflow the stack.
  for (let start = 0; start < bytes.length; start += 8192) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 8192));
  }
  return btoa(binary);
}
