import { describe, expect, it } from 'vitest';
import { beyondFetch } from './beyond-fetch.ts';
import type { TransportOptions } from './transport-options.ts';

const beyond = beyondFetch({
  options: ['lookup', 'localAddress'],
  tls: ['verify', 'pin'],
  proxies: /^socks4/i,
});

describe('what a fetch cannot do', () => {
  it.each<[TransportOptions, string | null]>([
    [{}, null],
    [{ lookup: () => undefined }, 'lookup'],
    [{ lookup: null, localAddress: null, tls: null, proxy: null }, null],
    [{ localAddress: '127.0.0.1' }, 'localAddress'],
    [{ tls: { verify: false } }, 'tls.verify'],
    [{ tls: { verify: true, ca: '/ca.pem', serverName: 'a.test' } }, null],
    [{ tls: { pin: 'sha256/x' } }, 'tls.pin'],
    [{ tls: { ca: 'system' } }, 'tls.ca'],
    [{ tls: { ca: ['/ca.pem', 'system'] } }, 'tls.ca'],
    [{ trustEnv: true }, null],
    [{ trustEnv: { ca: false, proxy: true } }, null],
    [{ trustEnv: { ca: true } }, 'trustEnv.ca'],
    [{ pool: { keepAliveTimeout: 1 } }, null],
    [{ pool: { connections: 1 } }, 'pool.connections'],
    [{ pool: { pipelining: 1 } }, 'pool.pipelining'],
    [{ pool: { maxOrigins: 1 } }, 'pool.maxOrigins'],
    [{ proxy: 'http://127.0.0.1:1' }, null],
    [{ proxy: 'socks5://127.0.0.1:1' }, null],
    [{ proxy: ' SOCKS4a://127.0.0.1:1' }, 'proxy'],
    [{ proxy: new URL('socks4://127.0.0.1:1') }, 'proxy'],
  ])('of %o is %s', (options, option) => {
    expect(beyond(options)).toBe(option);
    // Judged once, remembered by the object.
    expect(beyond(options)).toBe(option);
  });
});
