import { describe, expect, it } from 'vitest';
import { UnsupportedOptionError } from '../errors.ts';
import { checkConnectionOptions } from './check-connection-options.ts';
import type { TransportOptions } from './transport-options.ts';

const check = (options: object): void =>
  checkConnectionOptions(options as TransportOptions, 'there', [
    'proxy',
    'tls',
    'unixSocket',
    'trustEnv',
    'pool',
  ]);

describe('connection options', () => {
  it.each<[object, string]>([
    [{ proxy: 'ftp://127.0.0.1' }, 'proxy'],
    [{ proxy: { htp: 'http://127.0.0.1' } }, 'proxy keys are'],
    [{ tls: { rejectUnauthorized: false } }, 'tls has verify, ca, cert'],
    [{ tls: { pins: [] } }, 'got pins'],
    [{ tls: { pin: true } }, 'tls.pin must be a string or a list of strings, got boolean'],
    [{ tls: { pin: [] } }, 'tls.pin must be a string or a list of strings, got an empty array'],
    [{ tls: { verify: 'false' } }, 'tls.verify must be true or false, got string'],
    [{ tls: { verify: 0 } }, 'tls.verify must be true or false, got number'],
    [{ tls: { verify: null } }, 'tls.verify must be true or false, got null'],
    [{ tls: { ca: [] } }, 'tls.ca must be a string, bytes or a list of these, got an empty array'],
    [{ tls: { ca: ['/ca.pem', ''] } }, 'tls.ca must be'],
    [{ tls: { cert: true } }, 'tls.cert must be a string or bytes, got boolean'],
    [{ tls: { serverName: true } }, 'tls.serverName must be a string, got boolean'],
    [{ tls: { minVersion: true } }, 'tls.minVersion must be a string, got boolean'],
    [{ trustEnv: { proxy: 0 } }, 'trustEnv.proxy must be true or false, got number'],
    [{ trustEnv: { ca: 'yes' } }, 'trustEnv.ca must be true or false, got string'],
    [{ trustEnv: { proxies: false } }, 'trustEnv has proxy, ca, netrc, got proxies'],
    [{ pool: { maxSockets: 1 } }, 'pool.maxSockets is not an option'],
    [{ pool: { connections: 0 } }, 'pool.connections must be a number above 0, got 0'],
    [{ proxy: 'http://127.0.0.1', unixSocket: '/s' }, 'proxy and unixSocket cannot both be used'],
  ])('%j are a TypeError that names them', (options, message) => {
    expect(() => check(options)).toThrow(TypeError);
    expect(() => check(options)).toThrow(message);
  });

  it('that the platform cannot honour at all are refused by name', () => {
    expect(() => check({ http2: true })).toThrow(UnsupportedOptionError);
    expect(() => check({ http2: true })).toThrow('http2');
  });

  it.each([
    {},
    { proxy: null, tls: null, unixSocket: null },
    { proxy: null, unixSocket: '/s' },
    {
      tls: {
        verify: undefined,
        pin: ['sha256/x'],
        ca: [new Uint8Array(1), 'system'],
        key: new Uint8Array(1),
      },
    },
    { trustEnv: { proxy: undefined, ca: false } },
    { trustEnv: false },
    {
      proxy: { https: 'socks5://127.0.0.1' },
      tls: { verify: true },
      trustEnv: { ca: true },
      pool: { connections: 1 },
    },
  ])('%j pass', (options) => {
    expect(() => check(options)).not.toThrow();
  });
});
