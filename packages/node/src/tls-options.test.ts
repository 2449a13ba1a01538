import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Authority, createAuthority, type Identity } from '../test/support/certificates.ts';
import { readAuthorities } from './certificate-authorities.ts';
import { resolveTls, type TlsOptions } from './tls-options.ts';

let authority: Authority;
let other: Authority;
let client: Identity;
let folder: string;
const write = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

beforeAll(async () => {
  authority = await createAuthority();
  other = await createAuthority('Other CA');
  client = await authority.issue(['client']);
  folder = mkdtempSync(join(tmpdir(), 'httpsession-tls-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('resolveTls refuses', () => {
  it.each<[unknown, string]>([
    [null, 'tls must be an object, got null'],
    ['insecure', 'tls must be an object, got string'],
    [{ rejectUnauthorized: false }, 'tls.rejectUnauthorized is not a TLS setting'],
    [{ verify: '' }, 'tls.verify must be true or false, got ""'],
    [{ verify: 0 }, 'tls.verify must be true or false, got 0'],
    [{ verify: null }, 'tls.verify must be true or false, got null'],
    [{ ca: '' }, 'tls.ca must be PEM text, a path, bytes or \'system\', got ""'],
    [{ ca: [] }, 'tls.ca must name at least one certificate, got []'],
    [{ ca: [7] }, "tls.ca must be PEM text, a path, bytes or 'system', got 7"],
    [{ ca: '/no/such/bundle.pem' }, 'tls.ca must hold a certificate, found none in "/no/such/bundle.pem"'],
    [{ ca: '-----BEGIN NOTHING-----' }, 'tls.ca must hold a certificate, found none in its PEM text'],
    [{ ca: new Uint8Array([1, 2, 3]) }, 'tls.ca must hold a certificate, found none in its bytes'],
    [{ cert: 'MIIB/cert', key: 'x' }, 'tls.cert must be PEM or name a readable file'],
    [{ cert: '/no/such/cert.pem', key: 'x' }, 'tls.cert must name a readable file, got "/no/such/cert.pem"'],
    [{ key: '-----BEGIN PRIVATE KEY-----' }, 'tls.key must come with tls.cert'],
    [{ cert: '-----BEGIN CERTIFICATE-----' }, 'tls.cert must come with tls.key, or hold the key'],
    [{ cert: new TextEncoder().encode('junk') }, 'tls.cert must be PEM'],
    [{ passphrase: 'secret' }, 'tls.passphrase must come with tls.key or tls.pfx'],
    [{ passphrase: 7 }, 'tls.passphrase must be a non-empty string, got number'],
    [{ serverName: '127.0.0.1' }, 'tls.serverName must be a name, got 127.0.0.1'],
    [{ serverName: '' }, 'tls.serverName must be a non-empty string, got ""'],
    [{ pin: 'sha1/abc' }, 'tls.pin must be sha256/ and 44 base64 characters, got "sha1/abc"'],
    [{ pin: [] }, 'tls.pin must name at least one key, got []'],
    [{ minVersion: 'SSLv3' }, 'tls.minVersion must be one of TLSv1, TLSv1.1, TLSv1.2, TLSv1.3, got "SSLv3"'],
  ])('%j', (options, message) => {
    expect(() => resolveTls(options as TlsOptions)).toThrow(new TypeError(message));
  });

  it('a certificate and a key that do not belong together', () => {
    const tls = resolveTls({ cert: client.cert, key: otherKey });
    expect(() => tls.connectOptions()).toThrow(/^tls settings do not fit together: /);
  });
});

// The key of a certificate that is nowhere here.
const otherKey = await createAuthority('Third CA')
  .then((third) => third.issue(['x']))
  .then(({ key }) => key);

describe('resolveTls', () => {
  it('does not see what is not an own property', () => {
    Reflect.set(Object.prototype, 'verify', false);
    try {
      expect(resolveTls({}).connectOptions().rejectUnauthorized).toBe(true);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'verify');
    }
  });

  it('has one key for one setting, whether given as text or as a path', () => {
    const path = write('ca.pem', authority.ca);
    expect(resolveTls({ ca: path }).key).toBe(resolveTls({ ca: authority.ca }).key);
    expect(resolveTls({ verify: true }).key).toBe(resolveTls().key);
  });

  it('has a key of its own for every setting', () => {
    const settings: TlsOptions[] = [
      {},
      { verify: false },
      { ca: authority.ca },
      { ca: other.ca },
      { ca: [authority.ca, other.ca] },
      { cert: client.cert, key: client.key },
      { cert: client.cert, key: client.key, passphrase: 'x' },
      { cert: client.cert, key: otherKey },
      { pfx: new Uint8Array([1]) },
      { pfx: new Uint8Array([2]) },
      { serverName: 'a.test' },
      { pin: client.pin },
      { minVersion: 'TLSv1.3' },
      { maxVersion: 'TLSv1.3' },
      { ciphers: 'HIGH' },
    ];
    expect(new Set(settings.map((tls) => resolveTls(tls).key)).size).toBe(settings.length);
  });

  it('trusts the fallback authorities only where tls.ca says nothing', () => {
    expect(resolveTls({}, [authority.ca]).key).toBe(resolveTls({ ca: authority.ca }).key);
    expect(resolveTls({ ca: other.ca }, [authority.ca]).key).toBe(resolveTls({ ca: other.ca }).key);
  });

  it('keeps the trust and drops the identity for TLS to a proxy', () => {
    const tls = resolveTls({
      ca: authority.ca,
      cert: client.cert,
      key: client.key,
      serverName: 'a.test',
      pin: client.pin,
    });
    expect(tls.forProxy().key).toBe(resolveTls({ ca: authority.ca }).key);
    expect(tls.forProxy().pins).toEqual([]);
    expect(tls.forProxy().connectOptions()).not.toHaveProperty('servername');
  });

  it('builds one context and shares it', () => {
    const tls = resolveTls({ ca: authority.ca });
    expect(tls.connectOptions().secureContext).toBeDefined();
    expect(tls.connectOptions()).toBe(tls.connectOptions());
  });
});

describe('readAuthorities', () => {
  it('reads a directory, once per certificate, past what is no certificate', () => {
    const directory = join(folder, 'certs');
    mkdirSync(join(directory, 'sub'), { recursive: true });
    writeFileSync(join(directory, 'a.pem'), authority.ca);
    writeFileSync(join(directory, 'b.crt'), other.ca);
    writeFileSync(join(directory, 'README'), 'nothing here');
    symlinkSync(join(directory, 'a.pem'), join(directory, '12345678.0'));
    symlinkSync(join(directory, 'gone.pem'), join(directory, '12345678.1'));
    expect([...readAuthorities([directory], 'ca')].sort()).toEqual(
      [authority.ca, other.ca].map((pem) => pem.trim()).sort(),
    );
  });

  it('names an empty directory', () => {
    const directory = join(folder, 'empty');
    mkdirSync(directory);
    expect(() => readAuthorities([directory], 'ca')).toThrow(
      `ca must hold a certificate, found none in "${directory}"`,
    );
  });

  it('reads a bundle with comments, and bytes in PEM and DER', () => {
    const bundle = `# first\n${authority.ca}\n# second\n${other.ca}\n`;
    expect(readAuthorities([write('bundle.pem', bundle)], 'ca')).toHaveLength(2);
    expect(readAuthorities([new TextEncoder().encode(bundle)], 'ca')).toHaveLength(2);
    const der = Buffer.from(authority.ca.replace(/-----[^-]+-----/g, ''), 'base64');
    const [pem = ''] = readAuthorities([der], 'ca');
    expect(pem.replace(/\s/g, '')).toBe(authority.ca.replace(/\s/g, ''));
  });

  it('reads the certificates of the system', () => {
    expect(readAuthorities(['system'], 'ca').length).toBeGreaterThan(10);
  });
});
