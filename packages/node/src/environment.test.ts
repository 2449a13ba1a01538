import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority } from '../test/support/certificates.ts';
import { readEnvironment, type TrustEnv } from './environment.ts';

describe('readEnvironment', () => {
  const variables = { http_proxy: 'p:1', no_proxy: 'a' };
  it.each<[TrustEnv | undefined, object]>([
    [undefined, { http: 'p:1', no: 'a' }],
    [true, { http: 'p:1', no: 'a' }],
    [false, {}],
    [{}, { http: 'p:1', no: 'a' }],
    [{ netrc: true }, { http: 'p:1', no: 'a' }],
    [{ proxy: false }, {}],
  ])('with trustEnv %j takes proxies %j', (trustEnv, proxies) => {
    expect(readEnvironment(trustEnv, variables).proxies).toEqual(proxies);
  });

  it.each<[unknown, string]>([
    ['yes', 'trustEnv must be true, false or an object, got yes'],
    [null, 'trustEnv must be true, false or an object, got null'],
    [{ proxies: true }, 'trustEnv has proxy, ca, netrc, got proxies'],
    [{ ca: '' }, 'trustEnv.ca must be true or false, got ""'],
  ])('refuses %j', (trustEnv, message) => {
    expect(() => readEnvironment(trustEnv as TrustEnv, {})).toThrow(new TypeError(message));
  });

  it('asks for names as they are spelled, where the system would answer for any case', () => {
    const windows = new Proxy<Record<string, string>>(
      { HTTP_PROXY: 'evil', REQUEST_METHOD: 'GET' },
      { get: (target, name) => target[String(name).toUpperCase()] },
    );
    expect(readEnvironment(true, windows).proxies).toEqual({});
  });
});

describe('certificate authorities of the environment', () => {
  let folder: string;
  let first: string;
  let second: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'httpsession-env-'));
    first = (await createAuthority('First')).ca.trim();
    second = (await createAuthority('Second')).ca.trim();
    writeFileSync(join(folder, 'first.pem'), first);
    mkdirSync(join(folder, 'certs'));
    writeFileSync(join(folder, 'certs', 'second.pem'), second);
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const authorities = (
    variables: Record<string, string>,
    trustEnv: TrustEnv = true,
  ): readonly string[] | undefined => {
    const placed = Object.entries(variables).map(([name, value]) => [name, value.replaceAll('@', folder)]);
    return readEnvironment(trustEnv, Object.fromEntries(placed)).authorities();
  };

  it('come from the first bundle that is named', () => {
    expect(authorities({})).toBeUndefined();
    expect(authorities({ REQUESTS_CA_BUNDLE: '@/first.pem', CURL_CA_BUNDLE: '@/certs' })).toEqual([first]);
    expect(authorities({ REQUESTS_CA_BUNDLE: '', CURL_CA_BUNDLE: '@/certs' })).toEqual([second]);
    expect(authorities({ CURL_CA_BUNDLE: '@/certs', SSL_CERT_FILE: '@/first.pem' })).toEqual([second]);
  });

  it('come from SSL_CERT_FILE and the directories of SSL_CERT_DIR together', () => {
    const SSL_CERT_DIR = ['@/missing', '@/certs'].join(delimiter);
    expect(authorities({ SSL_CERT_FILE: '@/first.pem', SSL_CERT_DIR })).toEqual([first, second]);
    expect(authorities({ SSL_CERT_DIR })).toEqual([second]);
  });

  it('are not read where they are not trusted', () => {
    expect(authorities({ REQUESTS_CA_BUNDLE: '/no/such/file' }, { ca: false })).toBeUndefined();
    expect(authorities({ REQUESTS_CA_BUNDLE: '/no/such/file' }, false)).toBeUndefined();
  });

  it.each([
    ['REQUESTS_CA_BUNDLE', '/no/such/file'],
    ['CURL_CA_BUNDLE', '/no/such/file'],
    ['SSL_CERT_FILE', '/no/such/file'],
    ['SSL_CERT_DIR', '/no/such/dir'],
  ])('name %s when it leads nowhere', (name, path) => {
    expect(() => authorities({ [name]: path })).toThrow(
      new TypeError(`${name} must hold a certificate, found none in "${path}"`),
    );
  });
});
