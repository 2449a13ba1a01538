import type { Socket } from 'node:net';
import { createServer, type SecureVersion, type Server, type TLSSocket } from 'node:tls';
import { type CertificateChoice, testAuthority } from './certificates.ts';
import type { ConnectionRecord, RecordedTls } from './recorded-connection.ts';

/** How a server speaks TLS. */
export interface TlsChoice {
  /** @defaultValue 'valid' */
  readonly certificate?: CertificateChoice;
  /**
   * Asks clients for a certificate: `true` records it and whether the test authority signed it, `require` ends
   * handshakes without a signed one.
   * @defaultValue false
   */
  readonly requestCert?: boolean | 'require';
  /** Protocols offered by ALPN, best first. @defaultValue none, no ALPN */
  readonly alpn?: readonly string[];
  readonly minVersion?: SecureVersion;
  readonly maxVersion?: SecureVersion;
}

/** TLS on or off, by certificate, or in detail. */
export type TlsSetting = boolean | CertificateChoice | TlsChoice;

/** Does the handshakes of a server whose sockets someone else accepts. */
export class TlsListener {
  readonly ca: string;
  readonly #server: Server;
  /** By remote port, which no two open sockets of a listener on the loopback interface share. */
  readonly #pending = new Map<number, (socket: TLSSocket | Error) => void>();

  private constructor(server: Server, ca: string) {
    this.#server = server;
    this.ca = ca;
    server.on('secureConnection', (socket) => this.#settle(socket, socket));
    server.on('tlsClientError', (error, socket) => this.#settle(socket, error));
  }

  static async create(setting: TlsSetting): Promise<TlsListener | undefined> {
    if (setting === false) return undefined;
    const choice = tlsChoice(setting);
    const authority = await testAuthority();
    const { cert, key } = await authority.serverCertificate(choice.certificate ?? 'valid');
    const server = createServer({
      cert,
      key,
      ca: authority.ca,
      requestCert: choice.requestCert !== undefined && choice.requestCert !== false,
      rejectUnauthorized: choice.requestCert === 'require',
      ...(choice.alpn === undefined ? {} : { ALPNProtocols: [...choice.alpn] }),
      ...(choice.minVersion === undefined ? {} : { minVersion: choice.minVersion }),
      ...(choice.maxVersion === undefined ? {} : { maxVersion: choice.maxVersion }),
    });
    return new TlsListener(server, authority.ca);
  }

  /** Shakes hands over `socket`. Rejects with what went wrong. */
  async secure(socket: Socket, record: ConnectionRecord): Promise<TLSSocket> {
    const port = socket.remotePort ?? 0;
    const secured = await new Promise<TLSSocket>((resolve, reject) => {
      this.#pending.set(port, (result) => {
        this.#pending.delete(port);
        if (result instanceof Error) reject(result);
        else resolve(result);
      });
      socket.once('close', () => this.#pending.get(port)?.(new Error('closed during the TLS handshake')));
      this.#server.emit('connection', socket);
    });
    record.tls = recordedTls(secured);
    return secured;
  }

  close(): void {
    // It never listened, so that there is nothing to wait for; this frees its session ticket timers.
    this.#server.close();
  }

  #settle(socket: TLSSocket, result: TLSSocket | Error): void {
    this.#pending.get(socket.remotePort ?? 0)?.(result);
  }
}

function tlsChoice(setting: true | CertificateChoice | TlsChoice): TlsChoice {
  if (setting === true) return {};
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
