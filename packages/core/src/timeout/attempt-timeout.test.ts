import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Session } from '../session/session.ts';
import { fetchTransport } from '../transport/fetch-transport.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('leaves no timer behind when a credential throws at once', async () => {
  const session = new Session(
    { retry: null, timeout: { attempt: 60_000 } },
    {
      name: 'test',
      userAgent: null,
      cookies: null,
      createTransport: () => fetchTransport(() => new Response('ok')),
    },
  );
  const auth = (): never => {
    throw new Error('no token');
  };
  await expect(session.get('http://app.test/', { auth })).rejects.toThrow('no token');
  expect(vi.getTimerCount()).toBe(0);
  await session.close();
});
