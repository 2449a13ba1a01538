import { CancelScope, ConnectionError, type PreparedRequest } from '@httpsession/core';
import { afterEach, expect, it, vi } from 'vitest';
import { netrc, sockets } from './on-demand.ts';

const request = {
  method: 'GET',
  url: 'http://a.test/',
  attempts: 0,
  maxAttempts: 1,
  scope: new CancelScope(),
  header: () => 'Bearer mine',
} as unknown as PreparedRequest;

const gone = (): never => {
  throw new Error('no such file');
};

afterEach(() => {
  vi.doUnmock('./netrc.ts');
  vi.doUnmock('./undici-transport.ts');
});

it('ends in an error of ours when the sockets cannot be loaded', async () => {
  vi.doMock('./undici-transport.ts', gone);
  const error: unknown = await sockets({}, {})
    .send(request)
    .catch((one: unknown) => one);
  expect(error).toBeInstanceOf(ConnectionError);
});

it('loads netrc again when that has failed once', async () => {
  vi.doMock('./netrc.ts', gone);
  const credential = netrc();
  await expect(credential.sign?.(request)).rejects.toBeInstanceOf(ConnectionError);
  vi.doUnmock('./netrc.ts');
  expect(await credential.sign?.(request)).toBe(request);
});
