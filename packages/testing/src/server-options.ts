/** A version of TLS. */
export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

/** How a server listens. */
export interface ScenarioServerOptions {
  /**
   * `true` is a valid certificate; a name chooses another; an object sets more.
   * @defaultValue false
   */
  readonly tls?: TlsSetting;
  /** @defaultValue '127.0.0.1' */
  readonly host?: '127.0.0.1' | '::1';
  /** A fixed port, to come back where another server was. @defaultValue 0, any free one */
  readonly port?: number;
  /**
   * Answers preflights by itself, unrecorded, and lets pages of every origin read each response. Bytes of `raw` and
   * `head` steps stay as they are.
   * @defaultValue false
   */
  readonly cors?: boolean;
}

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
  readonly minVersion?: TlsVersion;
  readonly maxVersion?: TlsVersion;
}

/** TLS on or off, by certificate, or in detail. */
export type TlsSetting = boolean | CertificateChoice | TlsChoice;

/**
 * A server certificate: `valid` for localhost, 127.0.0.1 and ::1 and signed by the test authority, or one with a
 * fault; `names` are signed by the authority too; or a pair of your own.
 */
export type CertificateChoice =
  | 'valid'
  | 'self-signed'
  | 'expired'
  | 'wrong-host'
  | { readonly names: readonly string[] }
  | { readonly cert: string; readonly key: string };

/** A certificate and its private key, both PEM. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}

/** How a proxy listens, and whom it serves. */
export interface ProxyServerOptions extends ScenarioServerOptions {
  /**
   * Refuses requests without these credentials: 407 and a Basic challenge. Routes of your own come before that.
   * @defaultValue none, everyone
   */
  readonly auth?: { readonly username: string; readonly password: string };
}
