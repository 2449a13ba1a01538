// What Bun and Deno run for the options that go past their fetch: a real SOCKS proxy, a key that is pinned, an environment to obey.
import { ConnectionError, ProxyError, Session, type SessionOptions, TLSError } from 'httpsession';

/** What the program that started this one says. */
export interface SocketsWorld {
  readonly plain: string;
  readonly secure: string;
  readonly ca: string;
  readonly pin: string;
  /** `user:password@host:port` of a SOCKS 5 proxy. */
  readonly socks: string;
}

const { argv } = (globalThis as unknown as { process: { argv: string[] } }).process;
const { plain, secure, ca, pin, socks } = JSON.parse(argv.at(-1) ?? '') as SocketsWorld;

const outcome = async (url: string, options: SessionOptions): Promise<string> => {
  try {
    await using session = new Session({ retry: null, timeout: 5_000, ...options });
    const texts = [await session.get(url).text(), await session.post(url, { body: 'x' }).text()];
    return texts.join();
  } catch (error) {
    for (const known of [ProxyError, TLSError, ConnectionError])
      if (error instanceof known) return known.name;
    return String(error);
  }
};

const wrong = socks.replace(/:[^:@]*@/, ':wrong@');
const tls = { ca };
console.log(
  JSON.stringify({
    socks5: await outcome(plain, { proxy: `socks5://${socks}` }),
    socks5h: await outcome(secure, { proxy: `socks5h://${socks}`, tls }),
    'socks5 with lookup': await outcome(plain.replace('127.0.0.1', 'nobody.invalid'), {
      proxy: `socks5://${socks}`,
      lookup: ((_name: string, _options: object, answer: (...found: unknown[]) => void) =>
        answer(null, '127.0.0.1', 4)) as NonNullable<SessionOptions['lookup']>,
    }),
    'wrong password': await outcome(plain, { proxy: `socks5://${wrong}` }),
    'wrong password, with lookup': await outcome(plain, {
      proxy: `socks5://${wrong}`,
      lookup: () => undefined,
    }),
    'the pinned key': await outcome(secure, { tls: { ca, pin } }),
    'another key': await outcome(secure, { tls: { ca, pin: `sha256/${'A'.repeat(43)}=` } }),
    'the pinned key of a stranger': await outcome(secure, { tls: { pin } }),
  }),
);
