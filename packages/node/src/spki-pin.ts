import { createHash, X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

/**
 * Reads a pin as curl and HPKP write it: `sha256/BASE64` or `sha256//BASE64`, the hash of the server key's
 * SubjectPublicKeyInfo (RFC 7469 2.4). It outlives a renewed certificate as long as the key stays.
 *
 * @returns the base64 part
 * @throws {TypeError} when it is no such pin
 */
export function parsePin(pin: unknown): string {
  const base64 = typeof pin === 'string' ? /^sha256\/{1,2}([A-Za-z\d+/]{43}=)$/.exec(pin)?.[1] : undefined;
  if (base64 === undefined) {
    throw new TypeError(
      `tls.pin must be sha256/ and 44 base64 characters, got ${JSON.stringify(pin) ?? typeof pin}`,
    );
  }
  return base64;
}

/**
 * Whether the connected server holds one of the pinned keys.
 *
 * Judged on the established connection instead of in `checkServerIdentity`, which is not called with
 * `verify: false`. On a resumed session no certificate is shown and the answer is no.
 */
export function holdsPinnedKey(socket: TLSSocket, pins: readonly string[]): boolean {
  const hash = spkiHash(socket);
  return hash !== undefined && pins.includes(hash);
}

function spkiHash(socket: TLSSocket): string | undefined {
  // Deno has no getPeerX509Certificate; the raw bytes are there on every runtime.
  const certificate = socket.getPeerX509Certificate?.() ?? fromRaw(socket.getPeerCertificate().raw);
  if (certificate === undefined) return undefined;
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('base64');
}

const fromRaw = (raw: Buffer | undefined): X509Certificate | undefined =>
  raw === undefined ? undefined : new X509Certificate(raw);
