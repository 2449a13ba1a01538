import { gather } from './recorded-request.ts';

/** What a TLS handshake told the server. */
export interface RecordedTls {
  /** The name asked for by SNI, `undefined` when the client sent none. */
  readonly servername: string | undefined;
  /** The protocol agreed on by ALPN, `undefined` when none was. */
  readonly alpn: string | undefined;
  readonly protocol: string | undefined;
  /** Whether the client's certificate is signed by the test authority. */
  readonly authorized: boolean;
  /** The client's certificate, when it sent one. */
  readonly peerCertificate: { readonly commonName: string; readonly fingerprint256: string } | undefined;
}

/** One connection as it went. It is live until `open` is `false`. */
export interface RecordedConnection {
  /** 1 for the first connection of the server (since the last `reset()` of the server). */
  readonly id: number;
  /** Everything received, decrypted, whether or not it was HTTP. */
  readonly bytes: Buffer;
  /** Whether the server still holds the socket. */
  readonly open: boolean;
  /** Requests begun on it. */
  readonly requests: number;
  /** Whether the client sent FIN. */
  readonly remoteEnded: boolean;
  /** The code of the error that ended it (`ECONNRESET`, or the code of a failed handshake). */
  readonly error: string | undefined;
  /** Why its bytes could not be read as HTTP. */
  readonly malformed: string | undefined;
  /** The finished TLS handshake. */
  readonly tls: RecordedTls | undefined;
}

/** The recording side of {@link RecordedConnection}. */
export class ConnectionRecord implements RecordedConnection {
  readonly id: number;
  open = true;
  requests = 0;
  remoteEnded = false;
  error: string | undefined = undefined;
  malformed: string | undefined = undefined;
  tls: RecordedTls | undefined = undefined;
  #bytes: Buffer[] = [];

  constructor(id: number) {
    this.id = id;
  }

  get bytes(): Buffer {
    return gather(this.#bytes);
  }

  add(bytes: Buffer): void {
    this.#bytes.push(bytes);
  }

  forgetBytes(): void {
    this.#bytes = [];
  }
}
