import { setTimeout as sleep } from 'node:timers/promises';
import type { BodyInit } from '@httpsession/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Authority, createAuthority, type Identity } from './support/certificates.ts';
import {
  endHeaders,
  endStream,
  errorCode,
  frame,
  frameServer,
  frameTypes,
  status,
} from './support/http2-frames.ts';
import { failure, openSession, quickRetry } from './support/session.ts';

let authority: Authority;
let identity: Identity;
beforeAll(async () => {
  authority = await createAuthority();
  identity = await authority.issue(['127.0.0.1']);
});

const open = (options: Parameters<typeof openSession>[0] = {}): ReturnType<typeof openSession> =>
  openSession({ http2: true, tls: { ca: authority.ca }, ...options });

const { headers } = frameTypes;

const nodeMajor = Number(process.versions.node.split('.')[0]);

const statusAlone = (code: string): ReturnType<typeof frameServer> =>
  frameServer(identity, (stream, write) =>
    write(frame(headers, endHeaders | endStream, stream, status(code))),
  );

describe('an upload over HTTP/2', () => {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let n = 0; n < 20; n += 1) yield new Uint8Array(65_536);
  }

  it.each<[string, () => BodyInit]>([
    ['a few bytes more than its window', () => new Uint8Array(66_000)],
    ['bytes that go out in pieces', () => new Uint8Array(600_000)],
    ['a generator', () => chunks()],
    ['a Blob', () => new Blob([new Uint8Array(600_000)])],
  ])('of %s runs out of time when the server makes no more room', async (_what, body) => {
    await using server = await frameServer(identity, () => undefined);
    const session = open({ timeout: { headers: 200 } });
    const error = await failure(session.post(`https://127.0.0.1:${server.port}/`, { body: body() }));
    expect(error).toMatchObject({ name: 'TimeoutError', phase: 'send', limit: 200, requestSent: true });
    expect(session.stats()).toMatchObject({ pending: 0 });
  });

  it("does not count the time that the caller's own stream takes", async () => {
    await using server = await frameServer(identity, (stream, write) => {
      setTimeout(() => write(frame(headers, endHeaders | endStream, stream, status('200'))), 450);
    });
    async function* slow(): AsyncGenerator<Uint8Array> {
      for (let n = 0; n < 2; n += 1) {
        yield new Uint8Array(1000);
        await sleep(250);
      }
    }
    const session = open({ timeout: { headers: 100 } });
    const response = await session.post(`https://127.0.0.1:${server.port}/`, { body: slow() });
    expect(response.status).toBe(200);
  });
});

describe('a response over HTTP/2', () => {
  // nghttp2 takes some of these for a broken stream itself, those below 100 from Node 24 on.
  it.each(['000', '042', '099', '103'])('that ends with status %s fails', async (code) => {
    await using server = await statusAlone(code);
    const session = open({ timeout: { headers: 5000 } });
    expect(await failure(session.get(`https://127.0.0.1:${server.port}/`))).toMatchObject({
      name: 'ConnectionError',
      requestSent: true,
    });
    expect(session.stats()).toMatchObject({ pending: 0 });
  });

  const { data, reset } = frameTypes;
  const noError = errorCode(0);
  const response = (stream: number): Buffer => frame(headers, endHeaders, stream, status('200'));

  it.each(['at once', 'later'])(
    'that is reset without an error in mid body, %s, is incomplete',
    async (when) => {
      await using server = await frameServer(identity, (stream, write) => {
        write(response(stream), frame(data, 0, stream, 'partial'));
        if (when === 'at once') write(frame(reset, 0, stream, noError));
        else setTimeout(() => write(frame(reset, 0, stream, noError)), 50);
      });
      const url = `https://127.0.0.1:${server.port}/`;
      expect(await failure(open().get(url).text())).toMatchObject({ name: 'IncompleteBodyError' });
      // Its body is read only when all has come.
      const unread = await open().get(url);
      await sleep(100);
      expect(await failure(unread.text())).toMatchObject({ name: 'IncompleteBodyError' });
    },
  );

  it('that is reset without an error in mid body, all in one write, is incomplete', async () => {
    await using server = await frameServer(identity, (stream, write) =>
      write(response(stream), frame(data, 0, stream, 'partial'), frame(reset, 0, stream, noError)),
    );
    const url = `https://127.0.0.1:${server.port}/`;
    expect(await failure(open().get(url).text())).toMatchObject({ name: 'IncompleteBodyError' });
  });

  it('that is reset without an error before any of its body is incomplete', async () => {
    await using server = await frameServer(identity, (stream, write) =>
      write(response(stream), frame(reset, 0, stream, noError)),
    );
    const url = `https://127.0.0.1:${server.port}/`;
    expect(await failure(open().get(url).text())).toMatchObject({ name: 'IncompleteBodyError' });
  });

  it.each<[string, (stream: number) => Buffer[]]>([
    ['its last DATA', (stream) => [response(stream), frame(data, endStream, stream, 'whole')]],
    [
      'an empty DATA',
      (stream) => [response(stream), frame(data, 0, stream, 'whole'), frame(data, endStream, stream)],
    ],
    [
      'trailers',
      (stream) => [
        response(stream),
        frame(data, 0, stream, 'whole'),
        frame(headers, endHeaders | endStream, stream, '\x00\x01a\x01b'),
      ],
    ],
  ])(
    'that ends with %s is whole, and a reset without an error stops the upload only',
    async (_what, frames) => {
      await using server = await frameServer(identity, (stream, write) =>
        write(...frames(stream), frame(reset, 0, stream, noError)),
      );
      const url = `https://127.0.0.1:${server.port}/`;
      const session = open();
      expect(await session.get(url).text()).toBe('whole');
      expect(await session.post(url, { body: new Uint8Array(600_000) }).text()).toBe('whole');
      const unread = await session.get(url);
      await sleep(50);
      expect(await unread.text()).toBe('whole');
    },
  );

  it('comes after a hundred interim responses, and not after more', async () => {
    let interim = 100;
    await using server = await frameServer(identity, (stream, write) => {
      const early = frame(headers, endHeaders, stream, status('103'));
      write(...Array.from({ length: interim }, () => early));
      write(frame(headers, endHeaders | endStream, stream, status('200')));
    });
    const url = `https://127.0.0.1:${server.port}/`;
    const session = open({ retry: quickRetry(2) });
    expect((await session.get(url)).status).toBe(200);
    interim = 101;
    expect(await failure(session.get(url))).toMatchObject({
      name: 'ConnectionError',
      message: expect.stringContaining('there is no end of interim responses'),
      requestSent: true,
      attempts: 1,
    });
    interim = 0;
    expect((await session.get(url)).status).toBe(200);
    expect(server.sockets).toHaveLength(1);
  });

  it.runIf(nodeMajor < 24)('whose status is none is not asked for again', async () => {
    await using server = await statusAlone('099');
    const session = open({ retry: quickRetry(2) });
    expect(await failure(session.get(`https://127.0.0.1:${server.port}/`))).toMatchObject({
      message: expect.stringContaining('the response is not HTTP'),
      attempts: 1,
    });
  });
});

it('closing a session waits for no server that said GOAWAY and then fell silent', async () => {
  let fallenSilent: (() => void) | undefined;
  const silent = new Promise<void>((resolve) => {
    fallenSilent = resolve;
  });
  await using server = await frameServer(identity, (stream, write, socket) => {
    write(frame(frameTypes.goAway, 0, 0, Buffer.concat([errorCode(stream), errorCode(0)])));
    socket.pause();
    fallenSilent?.();
  });
  const session = open();
  const pending = failure(session.get(`https://127.0.0.1:${server.port}/`));
  await silent;
  await sleep(50);
  await session.close();
  expect(await pending).toMatchObject({ name: 'SessionClosedError' });
}, 5000);
