import { createServer } from 'node:net';
import { median } from '../measure/statistics.mjs';
import { table } from '../report/table.mjs';
import { Session } from '../session-under-test.mjs';

const limit = 150;

/** How late each limit of a session fires, in milliseconds. undici's own timers have a grain of a second, Bun's of four. */
export const lateness = async ({ plan }) => {
  const silent = await listening(() => undefined);
  const stalled = await listening((socket) =>
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'),
  );
  const phases = {
    // A TLS handshake that is never answered.
    connect: () => failing({ timeout: { connect: limit } }, `https://127.0.0.1:${silent.port}/`),
    headers: () => failing({ timeout: { headers: limit } }, `http://127.0.0.1:${silent.port}/`),
    body: () => failing({ timeout: { idle: limit } }, `http://127.0.0.1:${stalled.port}/`),
    attempt: () => failing({ timeout: { attempt: limit } }, `http://127.0.0.1:${silent.port}/`),
    total: () => failing({ timeout: { total: limit } }, `http://127.0.0.1:${stalled.port}/`),
    queue: () =>
      failing({ timeout: { queue: limit }, pool: { connections: 1 } }, `http://127.0.0.1:${silent.port}/`, 1),
  };
  const late = Object.fromEntries(Object.keys(phases).map((phase) => [phase, []]));
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const [phase, fail] of Object.entries(phases)) {
      const { error, after } = await fail();
      if (error?.phase !== phase) throw new Error(`expected the limit of ${phase}, got ${error}`);
      late[phase].push(after - limit);
    }
  }
  await Promise.all([silent, stalled].map(({ close }) => close()));
  const rows = Object.entries(late).map(([phase, values]) => [phase, median(values), Math.max(...values)]);
  return { markdown: table(['limit of 150 ms', 'late by, ms (median)', 'at most'], rows), late };
};

const failing = async (options, url, before = 0) => {
  const session = new Session({ retry: 0, ...options });
  try {
    const waiting = Array.from({ length: before }, () => session.get(url).catch((error) => error));
    const started = performance.now();
    const error = await session
      .get(url)
      .text()
      .catch((reason) => reason);
    const after = performance.now() - started;
    const closed = session.close();
    await Promise.all([closed, ...waiting]);
    return { error, after };
  } finally {
    await session.close();
  }
};

const listening = (answer) =>
  new Promise((resolve) => {
    const sockets = new Set();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined); // clients give up here: that is the scenario
      socket.once('data', () => answer(socket));
    });
    server.listen(0, '127.0.0.1', () => {
      const close = () =>
        new Promise((closed) => {
          for (const socket of sockets) socket.destroy();
          server.close(closed);
        });
      resolve({ port: server.address().port, close });
    });
  });
