import { type Platform, Session } from '@httpsession/core';
import { redirect, respond, ScenarioServer, text } from '@httpsession/testing';
import { afterEach, expect, it } from 'vitest';
import { UndiciTransport } from '../src/undici-transport.ts';

const platform: Platform = {
  name: 'node',
  userAgent: 'test/1',
  cookies: null,
  createTransport: (options) => new UndiciTransport(options),
};

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const start = async () => {
  const server = await ScenarioServer.start();
  const session = new Session({}, platform);
  open.push(server, session);
  return { server, session };
};

it('gets text', async () => {
  const { server, session } = await start();
  server.route('/a', text('hello'));
  const response = await session.get(server.url('/a'));
  expect(response.status).toBe(200);
  expect(await response.text()).toBe('hello');
  expect(response).toBeInstanceOf(Response);
});

it('follows redirects and keeps the history', async () => {
  const { server, session } = await start();
  server.route('/a', redirect(302, '/b'));
  server.route('/b', respond({ status: 200, body: '{"x":1}' }));
  const response = await session.get(server.url('/a'));
  expect(response.history.map(({ status }) => status)).toEqual([302]);
  expect(await response.json()).toEqual({ x: 1 });
  expect(server.connections.length).toBe(1);
});

it('retries a 503', async () => {
  const { server, session } = await start();
  server.route('/a', [respond({ status: 503, headers: { 'retry-after': '0' } }), text('ok')]);
  const response = await session.get(server.url('/a'));
  expect(await response.text()).toBe('ok');
  expect(response.attempts).toBe(2);
});

it('sends 100 sequential requests over one socket', async () => {
  const { server, session } = await start();
  server.route('/a', text('hello'));
  for (let n = 0; n < 100; n += 1) await session.get(server.url('/a')).text();
  expect(server.connections.length).toBe(1);
});
