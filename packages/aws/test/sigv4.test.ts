import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Session } from '@httpsession/core';
import { nodePlatform } from '@httpsession/node';
import { expect, it, onTestFinished } from 'vitest';
import { sigv4 } from '../src/sigv4.ts';

const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

/** Judges what a server received by the algorithm as AWS writes it down, with nothing of the library. */
const isSigned = (request: IncomingMessage, body: Buffer, doubleEncoded: boolean): boolean => {
  const header = request.headers.authorization ?? '';
  const [, scope = '', signedHeaders = '', signature = ''] =
    /^AWS4-HMAC-SHA256 Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      header,
    ) ?? [];
  const [path = '', query = ''] = (request.url ?? '').split('?');
  const canonicalQuery = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', value = ''] = pair
        .split('=')
        .map((part) => decodeURIComponent(part.replaceAll('+', ' ')));
      return `${encoded(name)}=${encoded(value)}`;
    })
    .sort()
    .join('&');
  const segments = path.split('/').map((part) => encoded(decodeURIComponent(part)));
  const canonicalPath = segments.map((part) => (doubleEncoded ? encoded(part) : part)).join('/');
  const names = signedHeaders.split(';');
  const canonical = [
    request.method,
    canonicalPath,
    canonicalQuery,
    ...names.map((name) => `${name}:${String(request.headers[name]).trim()}`),
    '',
    signedHeaders,
    sha256(body),
  ].join('\n');
  const date = String(request.headers['x-amz-date']);
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const key = scope.split('/').reduce<string | Buffer>((before, part) => hmac(before, part), `AWS4${secret}`);
  // Every x-amz header that arrived is signed.
  const amz = Object.keys(request.headers).filter((name) => name.startsWith('x-amz-'));
  return (
    hmac(key, toSign).toString('hex') === signature && [...amz, 'host'].every((name) => names.includes(name))
  );
};

const verifyingServer = async (doubleEncoded: boolean, statuses: readonly number[] = []) => {
  const seen: IncomingMessage[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const status = statuses[seen.push(request) - 1] ?? 200;
    response.writeHead(isSigned(request, body, doubleEncoded) ? status : 403).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
};

const open = (service: string, now?: () => Date): Session => {
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: secret, sessionToken: 'token/+=' };
  const session = new Session(
    {
      auth: sigv4({ ...credentials, region: 'eu-central-1', service, ...(now && { now }) }),
      retry: { limit: 2, backoff: { base: 0 } },
      trustEnv: false,
    },
    nodePlatform,
  );
  onTestFinished(() => session.close());
  return session;
};

it.each([
  ['execute-api', true],
  ['s3', false],
])('is accepted by a verifier of its own, for %s', async (service, doubleEncoded) => {
  const { origin, seen } = await verifyingServer(doubleEncoded);
  const session = open(service);
  const calls = [
    session.get(`${origin}/`),
    session.get(`${origin}/a/b%20c/~d`, { params: { b: '2 3', a: '1', 'c[]': "x'y" } }),
    session.post(`${origin}/p`, { json: { deep: ['ünïcode'] }, headers: { 'X-Amz-Target': 'Do.It' } }),
    session.put(`${origin}/blob`, { body: new Blob(['from a blob']) }),
    session.put(`${origin}/form`, { multipart: { a: '1', b: new Blob(['part']) } }),
    session.delete(`${origin}/gone`),
  ];
  expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(Array(calls.length).fill(200));
  expect(seen.every(({ headers }) => headers['x-amz-security-token'] === 'token/+=')).toBe(true);
});

it('signs each attempt afresh, with its own date', async () => {
  const { origin, seen } = await verifyingServer(true, [503, 503]);
  let time = Date.parse('2026-01-01T00:00:00Z');
  const session = open('execute-api', () => {
    time += 1000;
    return new Date(time);
  });
  expect((await session.put(`${origin}/`, { body: 'x' })).status).toBe(200);
  expect(seen.map(({ headers }) => headers['x-amz-date'])).toEqual([
    '20260101T000001Z',
    '20260101T000002Z',
    '20260101T000003Z',
  ]);
});

it('never goes to another origin', async () => {
  const { origin, seen } = await verifyingServer(true);
  const server = createServer((_request, response) =>
    response.writeHead(302, { location: `${origin}/x` }).end(),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const response = await open('s3').get(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  expect([response.status, response.history.length]).toEqual([403, 1]);
  expect(Object.keys(seen[0]?.headers ?? {}).filter((name) => /amz|authorization/.test(name))).toEqual([]);
});
