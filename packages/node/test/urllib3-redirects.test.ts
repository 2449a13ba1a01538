import { TooManyRedirectsError, urllib3Retry } from '@httpsession/core';
import { redirect, text } from '@httpsession/testing';
import { describe, expect, it } from 'vitest';
import { start } from './support/open-session.ts';

describe('urllib3Retry and redirects', () => {
  it('follows as many as redirect says, and raises on the next', async () => {
    const { server, session } = await start({ retry: urllib3Retry({ redirect: 2 }) });
    server.route('/', redirect(302, '/'));
    await expect(session.get(server.url('/'))).rejects.toBeInstanceOf(TooManyRedirectsError);
    expect(server.requests).toHaveLength(3);
  });

  it('answers the 3xx itself with raiseOnRedirect: false, and with redirect: false', async () => {
    const { server, session } = await start();
    server.route('/', redirect(302, '/'));
    const last = await session.get(server.url('/'), {
      retry: urllib3Retry({ redirect: 1, raiseOnRedirect: false }),
    });
    expect(last.status).toBe(302);
    expect(last.history).toHaveLength(1);
    const first = await session.get(server.url('/'), { retry: urllib3Retry({ redirect: false }) });
    expect(first.history).toHaveLength(0);
    expect(server.requests).toHaveLength(3);
  });

  it('sends removeHeadersOnRedirect to no other origin, however plain they are', async () => {
    const { server, session } = await start({
      retry: urllib3Retry({ removeHeadersOnRedirect: ['User-Agent'] }),
    });
    const { server: other } = await start();
    other.route('/', text('ok'));
    server.route('/home', text('ok')).route('/', [redirect(302, '/home'), redirect(302, other.url('/'))]);
    await session.get(server.url('/'));
    await session.get(server.url('/'));
    expect(server.requestsTo('/home')[0]?.header('user-agent')).toMatch(/^httpsession/);
    expect(other.last?.header('user-agent')).toBeUndefined();
    expect(other.last?.header('accept')).toBe('*/*');
  });
});
