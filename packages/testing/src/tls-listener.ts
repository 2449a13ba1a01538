import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { testAuthority } from './certificates.ts';
import type { ConnectionRecord, RecordedTls } from './recorded-connection.ts';
import type { CertificateChoice, TlsChoice, TlsSetting } from './server-options.ts';

/** Does the handshakes of a server whose sockets someone else accepts. */
export class TlsListener {
  readonly ca: string;
  readonly #options: TlsOptions;

  private constructor(options: TlsOptions, ca: string) {
    this.#options = options;
    this.ca = ca;
  }

  static async create(setting: TlsSetting): Promise<TlsListener | undefined> {
    if (setting === false) return undefined;
    const choice = tlsChoice(setting);
    const authority = await testAuthority();
    const { cert, key } = await authority.serverCertificate(choice.certificate ?? 'valid');
    const options: TlsOptions = {
      cert,
      key,
      ca: authority.ca,
      allowHalfOpen: true,
      // One key for all connections, so that clients can resume sessions.
      ticketKeys: randomBytes(48),
      requestCert: choice.requestCert !== undefined && choice.requestCert !== false,
      rejectUnauthorized: choice.requestCert === 'require',
      ...(choice.alpn === undefined ? {} : { ALPNProtocols: [...choice.alpn] }),
      ...(choice.minVersion === undefined ? {} : { minVersion: choice.minVersion }),
      ...(choice.maxVersion === undefined ? {} : { maxVersion: choice.maxVersion }),
    };
    return new TlsListener(options, authority.ca);
  }

  /** Shakes hands over `socket`. Rejects with what went wrong; the socket is then still open. */
  async secure(socket: Socket, record: ConnectionRecord, mayRead: () => boolean): Promise<TLSSocket> {
    // A server of its own tells whose handshake is done. It never listens, so that there is nothing to close.
    const server = createServer(this.#options);
    const secured = await new Promise<TLSSocket>((resolve, reject) => {
      server.once('secureConnection', resolve);
      server.once('tlsClientError', reject);
      for (const end of ['end', 'close']) {
        socket.once(end, () => reject(new Error('the client left during the TLS handshake')));
      }
      server.emit('connection', new SocketBytes(socket, mayRead));
    });
    record.tls = recordedTls(secured);
    return secured;
  }
}

/**
 * The bytes of a socket as a stream of their own. TLS over the socket itself would take its handle away, and with it
 * RST, FIN without close_notify, and not reading.
 */
class SocketBytes extends Duplex {
  readonly #socket: Socket;
  readonly #mayRead: () => boolean;

  constructor(socket: Socket, mayRead: () => boolean) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#mayRead = mayRead;
    socket.on('data', (bytes) => {
      if (!this.push(bytes)) socket.pause();
    });
    socket.once('end', () => this.push(null));
    socket.once('close', () => this.destroy());
  }

  override _read(): void {
    if (this.#mayRead()) this.#socket.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(bytes, done);
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }
}

const CERTIFICATES: readonly string[] = ['valid', 'self-signed', 'expired', 'wrong-host'];

function tlsChoice(setting: true | CertificateChoice | TlsChoice): TlsChoice {
  if (setting === true) return {};
  if (typeof setting === 'string' && !CERTIFICATES.includes(setting)) {
    throw new TypeError(
      `tls must be true, false, an object or one of ${CERTIFICATES.join(', ')}, got ${setting}`,
    );
  }
  if (typeof setting === 'string' || 'names' in setting || 'key' in setting) return { certificate: setting };
  return setting;
}

function recordedTls(socket: TLSSocket): RecordedTls {
  const peer = socket.getPeerCertificate();
  const sent = peer !== null && 'subject' in peer && peer.subject !== undefined;
  const servername =
    'servername' in socket && typeof socket.servername === 'string' ? socket.servername : undefined;
  return {
    servername: servername === '' ? undefined : servername,
    alpn: typeof socket.alpnProtocol === 'string' ? socket.alpnProtocol : undefined,
    protocol: socket.getProtocol() ?? undefined,
    authorized: socket.authorized,
    peerCertificate: sent
      ? { commonName: [peer.subject.CN].flat().join(), fingerprint256: peer.fingerprint256 }
      : undefined,
  };
}
