import { CancelScope, ConnectionError, type PreparedRequest, type SessionResponse } from '@httpsession/core';
import { afterEach, expect, it, vi } from 'vitest';
import { download, netrc, sockets } from './on-demand.ts';

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
  vi.doUnmock('./download.ts');
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

it('gives a body up that cannot be written because download cannot be loaded', async () => {
  vi.doMock('./download.ts', gone);
  const abandon = vi.fn();
  const response = { request, abandon } as unknown as SessionResponse;
  const error: unknown = await download(response, '/file', {}).catch((one: unknown) => one);
  expect(error).toBeInstanceOf(ConnectionError);
  expect(abandon.mock.calls).toEqual([[error]]);
});
