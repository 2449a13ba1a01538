import { type CallOptions, SessionError } from '@httpsession/core';
import {
  answerEarly,
  at,
  type ConnectScript,
  close,
  cut,
  drip,
  gzipped,
  head,
  raw,
  readNothing,
  redirect,
  repeat,
  repeated,
  reset,
  respond,
  type ScenarioServer,
  type ScenarioServerOptions,
  type Script,
  type Step,
  sequence,
  sleep,
  stall,
  text,
  together,
  whileIdle,
} from '@httpsession/testing';
import { expect, it } from 'vitest';
import { start, until } from './support/open-session.ts';

interface Fault {
  readonly script?: Script;
  readonly connect?: ConnectScript;
  readonly server?: ScenarioServerOptions;
  readonly call?: CallOptions & { readonly method?: string };
  /** The error's code, or the status and body that are right. */
  readonly expected: string | readonly [status: number, body: string];
  readonly requests?: number;
}

const ok = 'HTTP/1.1 200 OK\r\n';
const five = `${ok}Content-Length: 5\r\n\r\nhello`;
const lost = 'ERR_CONNECTION';
const cutOff = 'ERR_INCOMPLETE_BODY';
const late = 'ERR_TIMEOUT';
const flood = (...steps: Step[]) => repeat('forever', ...steps);

/** What a server can do to a client. With 900 ms in all, two retries and limits on everything. */
const faults: Record<string, Fault> = {
  'RST on accept': { connect: reset(), expected: lost },
  'FIN on accept': { connect: close(), expected: lost },
  'silence on accept': { connect: stall(), expected: late },
  silence: { script: stall(), expected: late },
  'RST after the request': { script: reset(), expected: lost, requests: 3 },
  'FIN after the request': { script: close(), expected: lost, requests: 3 },
  'RST after a POST': { script: reset(), call: { method: 'POST', body: 'x' }, expected: lost, requests: 1 },
  'FIN after a POST': { script: close(), call: { method: 'POST', body: 'x' }, expected: lost, requests: 1 },
  'slow headers': { script: raw(`${ok}A: ${'x'.repeat(900)}`, { every: 20 }), expected: late },
  'half a head, FIN': { script: sequence(raw(`${ok}A: b\r\n`), close()), expected: lost },
  'half a head, RST': { script: sequence(raw(`${ok}A: b\r\n`), sleep(10), reset()), expected: lost },
  garbage: { script: sequence(raw('\x16\x03\x01\x02garbage\r\n\r\n'), close()), expected: lost, requests: 1 },
  'HTTP/0.9': { script: sequence(raw('<html></html>'), close()), expected: lost, requests: 1 },
  'a header of 1 MB': { script: raw(`${ok}A: ${'x'.repeat(1e6)}\r\n\r\n`), expected: lost, requests: 1 },
  '10,000 headers': {
    script: raw(`${ok}${Array.from({ length: 10_000 }, (_, n) => `X-${n}: ${n}\r\n`).join('')}\r\n`),
    expected: lost,
    requests: 1,
  },
  'endless headers': {
    script: sequence(raw(ok), flood(raw(`A: ${'x'.repeat(999)}\r\n`))),
    expected: lost,
    requests: 1,
  },
  '1,000 x 103': {
    script: sequence(raw('HTTP/1.1 103 E\r\n\r\n'.repeat(1000)), raw(five)),
    expected: lost,
    requests: 1,
  },
  'endless 103': {
    script: flood(head({ status: 103 })),
    call: { timeout: { headers: 5000, total: 5000 } },
    expected: lost,
    requests: 1,
  },
  'an unasked 101': {
    script: raw('HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    expected: lost,
    requests: 1,
  },
  'two lengths': {
    script: raw(`${ok}Content-Length: 5\r\nContent-Length: 4\r\n\r\nhello`),
    expected: lost,
    requests: 1,
  },
  'length and chunks': {
    script: raw(`${ok}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`),
    expected: lost,
    requests: 1,
  },
  'a negative length': { script: raw(`${ok}Content-Length: -5\r\n\r\nhello`), expected: lost, requests: 1 },
  'a length of letters': {
    script: raw(`${ok}Content-Length: abc\r\n\r\nhello`),
    expected: lost,
    requests: 1,
  },
  'a bad status line': { script: raw('HTTP/1.1 abc OK\r\n\r\n'), expected: lost, requests: 1 },
  'NUL in a header': { script: raw(`${ok}A: \0\r\nContent-Length: 0\r\n\r\n`), expected: lost, requests: 1 },
  'a bare CR in a header': {
    script: raw(`${ok}A: a\rb\r\nContent-Length: 0\r\n\r\n`),
    expected: lost,
    requests: 1,
  },
  'a space before the colon': { script: raw(`${ok}Content-Length : 0\r\n\r\n`), expected: lost, requests: 1 },
  'a short body, FIN': {
    script: sequence(raw(`${ok}Content-Length: 9\r\n\r\nhello`), close()),
    expected: cutOff,
  },
  'a short body, RST': {
    script: sequence(raw(`${ok}Content-Length: 9\r\n\r\nhello`), sleep(20), reset()),
    expected: cutOff,
  },
  'chunks cut between': {
    script: sequence(raw(`${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`), close()),
    expected: cutOff,
  },
  'chunks cut within': {
    script: sequence(raw(`${ok}Transfer-Encoding: chunked\r\n\r\n9\r\nhello`), close()),
    expected: cutOff,
  },
  'a bad chunk size': {
    script: raw(`${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nxx\r\n`),
    expected: cutOff,
  },
  'a chunk size too large': {
    script: raw(`${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n${'f'.repeat(20)}\r\n`),
    expected: cutOff,
  },
  'a stalled body': { script: sequence(raw(`${ok}Content-Length: 9\r\n\r\nhello`), stall()), expected: late },
  'a dribbled body': { script: drip('x'.repeat(200), { every: 20 }), expected: late },
  'an endless body': {
    script: sequence(raw(`${ok}\r\n`), flood(raw('x'.repeat(1000)), sleep(1))),
    expected: late,
  },
  'an endless body, limited': {
    script: sequence(raw(`${ok}\r\n`), flood(raw('x'.repeat(1000)))),
    call: { maxResponseSize: 50_000 },
    expected: 'ERR_BODY_TOO_LARGE',
  },
  'a gzip bomb': {
    script: respond({ headers: { 'content-encoding': 'gzip' }, body: gzipped(repeated('\0', 20 << 20)) }),
    call: { maxResponseSize: 1 << 20, timeout: 5000 },
    expected: 'ERR_BODY_TOO_LARGE',
  },
  'cut gzip': {
    script: respond({ headers: { 'content-encoding': 'gzip' }, body: cut(gzipped('hello'), 0, -8) }),
    expected: 'ERR_DECODING',
  },
  'no gzip': {
    script: respond({ headers: { 'content-encoding': 'gzip' }, body: 'hello' }),
    expected: 'ERR_DECODING',
  },
  '20 codings': {
    script: respond({ headers: { 'content-encoding': 'gzip,'.repeat(20) }, body: 'hello' }),
    expected: 'ERR_DECODING',
  },
  'a body behind a 204': {
    script: raw(`HTTP/1.1 204 No\r\nContent-Length: 5\r\n\r\nhello`),
    expected: [204, ''],
  },
  'a redirect loop': {
    script: redirect(302, '/'),
    call: { timeout: 5000 },
    expected: 'ERR_TOO_MANY_REDIRECTS',
    requests: 31,
  },
  'a redirect to a file': {
    script: redirect(302, 'file:///etc/passwd'),
    expected: 'ERR_UNSAFE_REDIRECT',
    requests: 1,
  },
  'a redirect to data:': {
    script: redirect(302, 'data:text/plain,EVIL'),
    expected: 'ERR_UNSAFE_REDIRECT',
    requests: 1,
  },
  'a redirect to unix:': {
    script: redirect(302, 'unix:/var/run/docker.sock'),
    expected: 'ERR_UNSAFE_REDIRECT',
    requests: 1,
  },
  'a bad Location': { script: redirect(302, 'http://[bad'), expected: 'ERR_REDIRECT', requests: 1 },
  'no Location': { script: respond({ status: 302, body: 'where?' }), expected: [302, 'where?'], requests: 1 },
  'an early 413, FIN': {
    script: answerEarly(respond({ status: 413, body: 'no', headers: { connection: 'close' } })),
    call: { method: 'POST', body: new Uint8Array(4 << 20), timeout: 5000 },
    expected: [413, 'no'],
    requests: 1,
  },
  'an upload that is never read': {
    script: sequence(readNothing(), stall()),
    call: { method: 'PUT', body: new Uint8Array(16 << 20) },
    expected: late,
  },
  'an answer nobody asked for, while idle': {
    script: sequence(whileIdle(1, raw(five)), text('mine')),
    expected: [200, 'mine'],
  },
  'an answer nobody asked for, at once': {
    script: together(text('mine'), raw(five)),
    expected: [200, 'mine'],
  },
  'a body beyond its length': { script: raw(`${five}, and more`), expected: [200, 'hello'] },
  'a body behind a HEAD': { script: raw(five), call: { method: 'HEAD' }, expected: [200, ''] },
  'a self-signed certificate': { server: { tls: 'self-signed' }, expected: 'ERR_TLS', requests: 0 },
  'an expired certificate': { server: { tls: 'expired' }, expected: 'ERR_TLS', requests: 0 },
  'another host’s certificate': { server: { tls: 'wrong-host' }, expected: 'ERR_TLS', requests: 0 },
  'a silent TLS handshake': { server: { tls: true }, connect: stall(), expected: late, requests: 0 },
  'plain HTTP where TLS is expected': {
    server: { tls: true },
    connect: sequence(raw(five), close()),
    expected: 'ERR_TLS',
    requests: 0,
  },
  'RST after TLS': {
    server: { tls: true },
    connect: at('tls', reset()),
    call: { tls: { verify: false } },
    expected: lost,
  },
};

const outcomeOf = async (
  server: ScenarioServer,
  session: Awaited<ReturnType<typeof start>>['session'],
  { method = 'GET', ...options }: NonNullable<Fault['call']>,
): Promise<unknown> => {
  try {
    const response = await session.request(method, server.url('/'), options);
    return [response.status, await response.text()];
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    return error.code;
  }
};

it.each(Object.entries(faults))(
  '%s: no hang, no wrong success, a typed error, nothing left',
  async (_name, fault) => {
    const { server, session } = await start(
      {
        pool: { connections: 2 },
        retry: { limit: 2, backoff: { base: 0 } },
        timeout: { connect: 800, headers: 500, idle: 500, total: 900 },
      },
      fault.server,
    );
    if (fault.connect !== undefined) server.onConnect(fault.connect);
    if (fault.script !== undefined) server.route('/', fault.script);
    const startedAt = performance.now();
    expect(await outcomeOf(server, session, fault.call ?? {})).toEqual(fault.expected);
    if (fault.call?.timeout === undefined) expect(performance.now() - startedAt).toBeLessThan(5000);
    if (fault.requests !== undefined) expect(server.requests.length).toBe(fault.requests);
    // The same session still serves. (What comes behind an answer has come by then.)
    await new Promise((resolve) => setTimeout(resolve, 20));
    server.onConnect(repeat(1, sleep(0)));
    if (fault.server === undefined) {
      server.route('/after', text('after'));
      expect(await session.get(server.url('/after'), { timeout: 5000 }).text()).toBe('after');
    }
    await until(() => session.stats().pending === 0);
    expect(session.stats()).toMatchObject({ queued: 0, unreadBodies: 0 });
    await session.close();
    expect(session.stats()).toMatchObject({ sockets: 0 });
  },
);
