import { X509Certificate } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as tls from 'node:tls';

/**
 * Where trusted certificates come from: PEM text, the path of a PEM file or of a directory of them, the
 * bytes of a PEM or DER file, or `'system'` for the operating system's own store.
 */
export type CaSource = string | Uint8Array;

/**
 * Reads trusted certificates.
 *
 * @param argument - the name of the setting, for the message
 * @returns PEM texts, each certificate once
 * @throws {TypeError} naming the path when there is no certificate in it
 */
export function readAuthorities(sources: readonly CaSource[], argument: string): readonly string[] {
  return [...new Set(sources.flatMap((source) => readSource(source, argument)))];
}

function readSource(source: CaSource, argument: string): readonly string[] {
  if (typeof source !== 'string') return fromBytes(source, argument);
  if (source === 'system') return systemAuthorities();
  if (source.includes('-----BEGIN ')) return certificatesIn(source) ?? refuse(argument, 'its PEM text');
  return fromPath(source, argument);
}

const PEM_CERTIFICATE = /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END [^-]+-----/g;

const certificatesIn = (text: string): readonly string[] | undefined =>
  text.match(PEM_CERTIFICATE) ?? undefined;

function refuse(argument: string, place: string, cause?: unknown): never {
  throw new TypeError(
    `${argument} must hold a certificate, found none in ${place}`,
    cause === undefined ? undefined : { cause },
  );
}

function fromBytes(bytes: Uint8Array, argument: string): readonly string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.includes('-----BEGIN '))
    return certificatesIn(buffer.toString('latin1')) ?? refuse(argument, 'its bytes');
  try {
    // Node takes only PEM for a CA: DER would be dropped without a word.
    return [new X509Certificate(buffer).toString()];
  } catch (cause) {
    return refuse(argument, 'its bytes', cause);
  }
}

function fromPath(path: string, argument: string): readonly string[] {
  let found: readonly string[];
  try {
    found = statSync(path).isDirectory() ? fromDirectory(path) : fromBytes(readFileSync(path), argument);
  } catch (cause) {
    return refuse(argument, JSON.stringify(path), cause);
  }
  return found.length === 0 ? refuse(argument, JSON.stringify(path)) : found;
}

// A directory as `openssl rehash` leaves it holds every certificate twice, and may hold a README too.
const fromDirectory = (path: string): readonly string[] =>
  readdirSync(path, { withFileTypes: true })
    .filter(mayBeFile)
    .flatMap((entry) => certificatesInFile(join(path, entry.name)));

const mayBeFile = (entry: Dirent): boolean => entry.isFile() || entry.isSymbolicLink();

function certificatesInFile(path: string): readonly string[] {
  try {
    return statSync(path).isFile() ? (certificatesIn(readFileSync(path, 'latin1')) ?? []) : [];
  } catch {
    // A dangling link or an unreadable file beside good ones, as OpenSSL sees it.
    return [];
  }
}

// Where Linux distributions and BSDs keep their bundle, in the order Go looks for it.
const WELL_KNOWN_BUNDLES: readonly string[] = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/pki/tls/cacert.pem',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/cert.pem',
  '/usr/local/etc/ssl/cert.pem',
];

/** The certificates the operating system trusts, through Node 22.15's own reader where it exists. */
function systemAuthorities(): readonly string[] {
  const read: unknown = Reflect.get(tls, 'getCACertificates');
  if (typeof read === 'function') return read('system');
  for (const path of WELL_KNOWN_BUNDLES) {
    const found = certificatesInFile(path);
    if (found.length > 0) return found;
  }
  throw new TypeError("tls.ca 'system' needs Node 22.15 or newer on this operating system");
}
