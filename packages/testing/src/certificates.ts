import { type KeyObject, KeyObject as Keys, randomBytes, webcrypto } from 'node:crypto';

import type { CertificateChoice, CertificatePair } from './server-options.ts';

/** A certificate authority that lives as long as the process. */
export interface TestAuthority {
  /** Its certificate, PEM: what a client has to trust. */
  readonly ca: string;
  serverCertificate(choice: CertificateChoice): Promise<CertificatePair>;
  /** A certificate for a client, signed by the authority. */
  clientCertificate(commonName: string): Promise<CertificatePair>;
}

const DAY = 24 * 60 * 60 * 1000;
const LOCAL_NAMES = ['localhost', '127.0.0.1', '::1'];
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

let authority: Promise<TestAuthority> | undefined;

/** The authority of this process, made on first use. */
export function testAuthority(): Promise<TestAuthority> {
  authority ??= createAuthority();
  return authority;
}

async function createAuthority(): Promise<TestAuthority> {
  // Loaded on first use: plain servers need neither, and the polyfill that the library asks for extends `Reflect`.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(globalThis.crypto);
  const keys = await generateKeys();
  const name = 'CN=Test Authority';
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(-1, 3650),
    serialNumber: serialNumber(),
    name,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });

  const issue = async (subject: {
    readonly commonName: string;
    readonly names: readonly string[];
    readonly from: number;
    readonly to: number;
    readonly selfSigned?: boolean;
    readonly usage: 'serverAuth' | 'clientAuth';
  }): Promise<CertificatePair> => {
    const own = await generateKeys();
    const leaf = await x509.X509CertificateGenerator.create({
      ...validity(subject.from, subject.to),
      serialNumber: serialNumber(),
      subject: `CN=${subject.commonName}`,
      issuer: subject.selfSigned ? `CN=${subject.commonName}` : name,
      publicKey: own.publicKey,
      signingKey: subject.selfSigned ? own.privateKey : keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage[subject.usage]]),
        ...(subject.names.length === 0
          ? []
          : [new x509.SubjectAlternativeNameExtension(subject.names.map(alternativeName))]),
        await x509.AuthorityKeyIdentifierExtension.create(
          subject.selfSigned ? own.publicKey : keys.publicKey,
        ),
      ],
    });
    return { cert: leaf.toString('pem'), key: pem(Keys.from(own.privateKey)) };
  };

  const made = new Map<string, Promise<CertificatePair>>();
  return {
    ca: root.toString('pem'),
    serverCertificate(choice) {
      if (typeof choice === 'object' && 'cert' in choice) return Promise.resolve(choice);
      const key = JSON.stringify(choice);
      const known = made.get(key);
      if (known !== undefined) return known;
      const names =
        typeof choice === 'object' ? choice.names : choice === 'wrong-host' ? ['wrong.test'] : LOCAL_NAMES;
      const certificate = issue({
        commonName: names[0] ?? 'localhost',
        names,
        from: choice === 'expired' ? -30 : -1,
        to: choice === 'expired' ? -2 : 365,
        selfSigned: choice === 'self-signed',
        usage: 'serverAuth',
      });
      made.set(key, certificate);
      return certificate;
    },
    clientCertificate: (commonName) =>
      issue({ commonName, names: [], from: -1, to: 365, usage: 'clientAuth' }),
  };
}

async function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function validity(fromDays: number, toDays: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() + fromDays * DAY), notAfter: new Date(Date.now() + toDays * DAY) };
}

/** Positive, as RFC 5280 section 4.1.2.2 asks: the first bit stays clear, the first byte is not zero. */
function serialNumber(): string {
  return `4${randomBytes(16).toString('hex').slice(1)}`;
}

function alternativeName(name: string): { type: 'ip' | 'dns'; value: string } {
  return { type: /^[\d.]+$|:/.test(name) ? 'ip' : 'dns', value: name };
}

function pem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
