import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const start = fileURLToPath(new URL('../src/start.mjs', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly complaints: string;
}

/** Runs `npm start` as a user would and waits until it has exited by itself; one that hangs is killed and has no exit code. */
const npmStart = (...parameters: readonly string[]): Promise<Ended> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [start, ...parameters],
      { timeout: 90_000 },
      (_, output, complaints) => resolve({ code: child.exitCode, output, complaints }),
    );
  });

/** The rows of one chapter without their times, columns apart by `|`. */
const rowsOf = (output: string, chapter: number): readonly string[] => {
  const [, after = ''] = output.split(`\n${chapter}. `);
  return (after.split('\n\n')[0] ?? '')
    .split('\n')
    .slice(1)
    .filter((line) => / ms$/.test(line) && /^ {4}[A-Z]+ \//.test(line))
    .map((line) =>
      line
        .trim()
        .replace(/ +[\d.]+ ms$/, '')
        .replace(/ {2,}/g, '|'),
    );
};

describe('npm start', { timeout: 120_000 }, () => {
  it('gives the whole tour at the example service, over one connection, and exits', async () => {
    const { code, output, complaints } = await npmStart();
    expect({ code, complaints }).toEqual({ code: 0, complaints: '' });

    expect(rowsOf(output, 1)).toEqual([
      'POST /login|302|redirected|#1 new',
      expect.stringMatching(/^GET \/account\|200\|answer after 302\|\d\|#1 reused$/),
    ]);
    expect(output).toContain('cookies kept: sid');
    expect(rowsOf(output, 2)).toEqual(['GET /account|200|answer|1|#1 reused']);
    expect(rowsOf(output, 3)).toEqual(['GET /basic|200|answer|1|#1 reused']);
    expect(rowsOf(output, 4)).toEqual([
      'GET /flaky|503|tried again|#1 reused',
      'GET /flaky|200|answer after 503|2|#1 reused',
    ]);
    expect(output).toContain('another attempt in 1000 ms');
    expect(rowsOf(output, 5)).toEqual([
      'GET /items|200|answer|1|#1 reused',
      'GET /items?page=2|200|answer|1|#1 reused',
      'GET /items?page=3|200|answer|1|#1 reused',
    ]);
    expect(output).toContain('items: 7');
    expect(output).toMatch(/TimeoutError \(ERR_TIMEOUT\)\n.*\/slow: no response headers within 300 ms/);
    expect(output).toContain('phase: headers, limit: 300 ms');
    expect(output).toContain('9 exchanges over 1 connection, reused 8 times');
    expect(output).toContain('Done: 6 of 6 chapters worked');

    // The password in clear and as Basic sends it, and the session id, which is a UUID.
    expect(output).not.toContain('correct horse');
    expect(output).not.toContain(Buffer.from('ada:correct horse').toString('base64').slice(0, 12));
    expect(output).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
  });

  it('says which pages a server of yours does not have, and tells nobody the credentials in its URL', async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      const body = request.url === '/app/account' ? 'welcome' : 'nothing here';
      response.writeHead(body === 'welcome' ? 200 : 404, { 'content-type': 'text/plain' }).end(body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;

    const { code, output } = await npmStart(`http://me:s3cret@127.0.0.1:${port}/app`);
    server.close();

    expect(seen).toEqual([
      'POST /app/login',
      'GET /app/account',
      'GET /app/basic',
      'GET /app/flaky',
      'GET /app/items',
      'GET /app/slow',
    ]);
    expect(code).toBe(0);
    expect(output).toContain('Done: 1 of 6 chapters worked, 5 not there');
    expect(output).not.toContain('s3cret');
  });

  it('fails where nobody listens, after one chapter', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');

    const { code, output } = await npmStart(`http://127.0.0.1:${port}/`);
    expect(code).toBe(1);
    expect(output).toContain('ConnectionError (ERR_CONNECTION)');
    expect(output).toContain('Failed: 0 of 1 chapters worked, 1 failed');
  });

  it.each(['nonsense', 'ftp://127.0.0.1/'])('refuses %s as a URL', async (url) => {
    const { code, output, complaints } = await npmStart(url);
    expect([code, output, complaints]).toEqual([1, '', expect.stringContaining('the URL must be absolute')]);
  });
});
