import { setTimeout as sleep } from 'node:timers/promises';
import type { BodyInit } from '@httpsession/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Authority, createAuthority, type Identity } from './support/certificates.ts';
import { endHeaders, endStream, frame, frameServer, frameTypes, status } from './support/http2-frames.ts';
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

  it.runIf(nodeMajor < 24)('whose status is none is not asked for again', async () => {
    await using server = await statusAlone('099');
    const session = open({ retry: quickRetry(2) });
    expect(await failure(session.get(`https://127.0.0.1:${server.port}/`))).toMatchObject({
      message: expect.stringContaining('the response is not HTTP'),
      attempts: 1,
    });
  });
});
