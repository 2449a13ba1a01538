import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileBody } from '../src/file-body.ts';
import { failure, openSession, quickRetry } from './support/session.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'httpsession-upload-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
const write = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

interface Received {
  readonly headers: IncomingMessage['headers'];
  readonly size: number;
  readonly hash: string;
  readonly text: string;
}

/** Keeps no bodies, only what they were; the first answers have these statuses, all others 200. */
const receiver = async (...statuses: readonly number[]) => {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const hash = createHash('sha256');
    let size = 0;
    let text = '';
    for await (const chunk of request) {
      hash.update(chunk);
      size += chunk.length;
      if (text.length < 10_000) text += chunk.toString('latin1');
    }
    received.push({ headers: request.headers, size, hash: hash.digest('hex'), text });
    response.writeHead(statuses[received.length - 1] ?? 200).end('got it');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

describe('fileBody', () => {
  it('is sent with its length and type, from a path or a file URL', async () => {
    await using server = await receiver();
    const path = write('a.txt', 'content');
    const session = openSession();
    await session.put(server.url, { body: fileBody(path, { type: 'text/plain' }) });
    await session.put(server.url, { body: fileBody(pathToFileURL(path)) });
    expect(server.received.map(({ text }) => text)).toEqual(['content', 'content']);
    expect(server.received[0]?.headers).toMatchObject({
      'content-length': '7',
      'content-type': 'text/plain',
    });
    expect(server.received[1]?.headers['content-type']).toBeUndefined();
  });

  it('is sent again after a 503 and a redirect', async () => {
    await using server = await receiver(503);
    const session = openSession({ retry: quickRetry(1) });
    const response = await session.put(server.url, { body: fileBody(write('b.txt', 'twice')) });
    expect([response.status, server.received.map(({ text }) => text)]).toEqual([200, ['twice', 'twice']]);
  });

  it('is a part of a form with its name', async () => {
    await using server = await receiver();
    const multipart = {
      note: 'hello',
      file: fileBody(write('näme.txt', 'in a form'), { type: 'text/plain' }),
      other: fileBody(write('c.bin', 'more'), { name: 'renamed.bin' }),
    };
    await openSession().post(server.url, { multipart });
    const [form] = server.received;
    expect(Number(form?.headers['content-length'])).toBe(form?.size);
    const text = Buffer.from(form?.text ?? '', 'latin1').toString('utf8');
    expect(text).toContain(
      'name="file"; filename="näme.txt"\r\nContent-Type: text/plain\r\n\r\nin a form\r\n',
    );
    expect(text).toContain(
      'filename="renamed.bin"\r\nContent-Type: application/octet-stream\r\n\r\nmore\r\n',
    );
  });

  it('is a File in all it does', async () => {
    const body = fileBody(write('d.txt', '0123456789'), { type: 'text/plain' });
    expect(body).toBeInstanceOf(File);
    expect([body.name, body.size, body.type, await body.text()]).toEqual([
      'd.txt',
      10,
      'text/plain',
      '0123456789',
    ]);
    expect((await body.arrayBuffer()).byteLength).toBe(10);
    expect(await body.slice(2, 5).text()).toBe('234');
    expect(await body.slice(-3).slice(1).text()).toBe('89');
    expect(await body.slice(7, 3).text()).toBe('');
    const reader = body.stream().getReader();
    await reader.cancel();
    expect(await fileBody(write('empty', '')).text()).toBe('');
  });

  it('fails when there is no such file, or a folder, or a file that has changed', async () => {
    expect(() => fileBody(join(folder, 'none'))).toThrow(/ENOENT/);
    expect(() => fileBody(folder)).toThrow(TypeError);
    await using server = await receiver();
    const path = write('e.txt', 'x'.repeat(100));
    const body = fileBody(path);
    truncateSync(path, 10);
    const error = await failure(openSession({ retry: quickRetry(2) }).put(server.url, { body }));
    expect(`${error} ${String(Reflect.get(Object(error), 'cause'))}`).toMatch(/has changed since/);
    expect(server.received).toHaveLength(0);
  });

  it('uploads 64 MiB in memory that stays flat, alone and in a form', async () => {
    await using server = await receiver();
    const size = 64 * 1024 * 1024;
    const path = write('large.bin', Buffer.alloc(size, 5));
    const hash = createHash('sha256').update(Buffer.alloc(size, 5)).digest('hex');
    const session = openSession();
    await session.put(server.url, { body: 'warm' });
    const before = process.memoryUsage().rss;
    let highest = 0;
    const timer = setInterval(() => {
      highest = Math.max(highest, process.memoryUsage().rss - before);
    }, 10);
    await session.put(server.url, { body: fileBody(path) });
    await session.post(server.url, { multipart: { file: fileBody(path) } });
    clearInterval(timer);
    expect(server.received[1]).toMatchObject({ size, hash });
    expect(server.received[2]?.size).toBeGreaterThan(size);
    // The server and the test live in this process, too.
    expect(highest).toBeLessThan(100 * 1024 * 1024);
  });
});
