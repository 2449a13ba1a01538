import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type ConnectionOptions, createSecureContext, type SecureVersion } from 'node:tls';
import type { TlsInit } from '@httpsession/core';
import { type CaSource, readAuthorities } from './certificate-authorities.ts';
import { parsePin } from './spki-pin.ts';

/** TLS settings; Node honours all of them. */
export type TlsOptions = TlsInit;

/** The part of Node's TLS options that settings turn into. */
export type TlsConnectOptions = Pick<
  ConnectionOptions,
  | 'rejectUnauthorized'
  | 'servername'
  | 'secureContext'
  | 'ca'
  | 'cert'
  | 'key'
  | 'pfx'
  | 'passphrase'
  | 'minVersion'
  | 'maxVersion'
  | 'ciphers'
>;

/** TLS settings with their files read. */
export interface ResolvedTls {
  /** Equal for equal settings, different for different ones: part of the key of a pool. */
  readonly key: string;
  /** Base64 hashes, empty without a pin. */
  readonly pins: readonly string[];
  /**
   * What `tls.connect` needs. Built once, when the pool is made.
   * @throws {TypeError} when certificate, key and passphrase do not fit together
   */
  connectOptions(): TlsConnectOptions;
  /** The same trust without what was meant for the origin: for TLS to an https proxy. */
  forProxy(): ResolvedTls;
}

/**
 * Checks TLS settings and reads the files they name.
 *
 * @param fallbackCa - trusted certificates to use when `tls.ca` says nothing, such as the environment's
 * @throws {TypeError} naming the setting, and the path that holds nothing usable
 */
export function resolveTls(options: TlsOptions = {}, fallbackCa?: readonly string[]): ResolvedTls {
  checkNames(options);
  const own = (name: keyof TlsOptions): unknown => (Object.hasOwn(options, name) ? options[name] : undefined);
  const ca = own('ca') === undefined ? fallbackCa : readAuthorities(caSources(own('ca')), 'tls.ca');
  const trust: Trust = {
    rejectUnauthorized: boolean(own('verify'), 'verify') ?? true,
    ca,
    minVersion: version(own('minVersion'), 'minVersion'),
    maxVersion: version(own('maxVersion'), 'maxVersion'),
    ciphers: text(own('ciphers'), 'ciphers'),
  };
  const cert = pem(own('cert'), 'cert');
  const key = pem(own('key'), 'key') ?? (cert !== undefined && hasKey(cert) ? cert : undefined);
  const identity: Identity = {
    cert,
    key,
    pfx: file(own('pfx'), 'pfx'),
    passphrase: text(own('passphrase'), 'passphrase'),
  };
  checkIdentity(identity);
  return resolved(trust, identity, serverName(own('serverName')), pins(own('pin')));
}

interface Trust {
  readonly rejectUnauthorized: boolean;
  readonly ca: readonly string[] | undefined;
  readonly minVersion: SecureVersion | undefined;
  readonly maxVersion: SecureVersion | undefined;
  readonly ciphers: string | undefined;
}

interface Identity {
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly pfx: Buffer | undefined;
  readonly passphrase: string | undefined;
}

const NO_IDENTITY: Identity = { cert: undefined, key: undefined, pfx: undefined, passphrase: undefined };

function resolved(
  trust: Trust,
  identity: Identity,
  serverName: string | undefined,
  pins: readonly string[],
): ResolvedTls {
  let built: TlsConnectOptions | undefined;
  return {
    key: keyOf(trust, identity, serverName, pins),
    pins,
    connectOptions() {
      built ??= connectOptions(trust, identity, serverName);
      return built;
    },
    forProxy: () => resolved(trust, NO_IDENTITY, undefined, []),
  };
}

function connectOptions(trust: Trust, identity: Identity, serverName: string | undefined): TlsConnectOptions {
  const { rejectUnauthorized, ...rest } = trust;
  const context = given({ ...rest, ...identity });
  const connection = { rejectUnauthorized, ...(serverName !== undefined && { servername: serverName }) };
  if (Object.keys(context).length === 0) return connection;
  try {
    const secureContext = createSecureContext(context);
    // A bundle of 150 authorities takes milliseconds to parse: share it between connections. Bun and Deno
    // read the settings themselves and not the context.
    return process.versions.bun || process.versions.deno
      ? { ...connection, ...context }
      : { ...connection, secureContext };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(`tls settings do not fit together: ${reason}`, { cause });
  }
}

/** Only what was given: Node tells `ca: undefined` from no `ca` in places. */
const given = (settings: Record<string, unknown>): TlsConnectOptions =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));

function keyOf(...parts: readonly unknown[]): string {
  const hash = createHash('sha256');
  // JSON of nested arrays keeps the parts apart, so that no two settings write the same bytes.
  hash.update(JSON.stringify(parts, (_name, value) => (value === undefined ? null : value)));
  return hash.digest('base64');
}

const NAMES: ReadonlySet<string> = new Set<keyof TlsOptions>([
  'verify',
  'ca',
  'cert',
  'key',
  'pfx',
  'passphrase',
  'serverName',
  'pin',
  'minVersion',
  'maxVersion',
  'ciphers',
]);

function checkNames(options: unknown): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`tls must be an object, got ${options === null ? 'null' : typeof options}`);
  }
  const unknown = Object.keys(options).find((name) => !NAMES.has(name));
  if (unknown !== undefined) throw new TypeError(`tls.${unknown} is not a TLS setting`);
}

function checkIdentity({ cert, key, pfx, passphrase }: Identity): void {
  if (cert !== undefined && key === undefined)
    throw new TypeError('tls.cert must come with tls.key, or hold the key');
  if (key !== undefined && cert === undefined) throw new TypeError('tls.key must come with tls.cert');
  if (pfx !== undefined && cert !== undefined) throw new TypeError('tls.pfx must not come with tls.cert');
  if (passphrase !== undefined && key === undefined && pfx === undefined) {
    throw new TypeError('tls.passphrase must come with tls.key or tls.pfx');
  }
}

function caSources(ca: unknown): readonly CaSource[] {
  const sources: readonly unknown[] = Array.isArray(ca) ? ca : [ca];
  if (sources.length === 0) throw new TypeError('tls.ca must name at least one certificate, got []');
  return sources.map((source) => {
    if (source instanceof Uint8Array || (typeof source === 'string' && source !== '')) return source;
    throw new TypeError(`tls.ca must be PEM text, a path, bytes or 'system', got ${show(source)}`);
  });
}

function boolean(value: unknown, name: string): boolean | undefined {
  // '' from an unset configuration value turns verification off in requests. Here only false does.
  if (value === undefined || typeof value === 'boolean') return value;
  throw new TypeError(`tls.${name} must be true or false, got ${show(value)}`);
}

function text(value: unknown, name: string): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  throw new TypeError(`tls.${name} must be a non-empty string, got ${value === '' ? '""' : typeof value}`);
}

const VERSIONS: readonly SecureVersion[] = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'];

function version(value: unknown, name: string): SecureVersion | undefined {
  if (value === undefined) return undefined;
  const known = VERSIONS.find((candidate) => candidate === value);
  if (known === undefined)
    throw new TypeError(`tls.${name} must be one of ${VERSIONS.join(', ')}, got ${show(value)}`);
  return known;
}

function serverName(value: unknown): string | undefined {
  const name = text(value, 'serverName');
  // RFC 6066 3: no addresses in SNI.
  if (name !== undefined && isIP(name) !== 0)
    throw new TypeError(`tls.serverName must be a name, got ${name}`);
  return name;
}

function pins(value: unknown): readonly string[] {
  if (value === undefined) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  // An empty list would accept every key where the caller meant to accept few.
  if (list.length === 0) throw new TypeError('tls.pin must name at least one key, got []');
  return list.map(parsePin);
}

function pem(value: unknown, name: string): string | undefined {
  if (typeof value === 'string' && value.includes('-----BEGIN ')) return value;
  const content = file(value, name)?.toString('latin1');
  if (content !== undefined && !content.includes('-----BEGIN '))
    throw new TypeError(`tls.${name} must be PEM`);
  return content;
}

function file(value: unknown, name: string): Buffer | undefined {
  if (value === undefined) return undefined;
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (typeof value !== 'string' || value === '') {
    throw new TypeError(
      `tls.${name} must be a path or the content, got ${value === '' ? '""' : typeof value}`,
    );
  }
  try {
    return readFileSync(value);
  } catch (cause) {
    // A key without its PEM lines would be shown, and the system's error repeats it. In base64, DER begins with M.
    if (/^\s*M[A-Za-z\d+/=\s]*$/.test(value))
      throw new TypeError(`tls.${name} must be PEM or name a readable file`);
    throw new TypeError(`tls.${name} must name a readable file, got ${JSON.stringify(value)}`, { cause });
  }
}

const hasKey = (text: string): boolean => /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/.test(text);

const show = (value: unknown): string => JSON.stringify(value) ?? typeof value;
