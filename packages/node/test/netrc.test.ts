import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { netrc } from '../src/netrc.ts';
import { answering, ok, type RawServer, rawServer } from './support/raw-server.ts';
import { openSession } from './support/session.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'httpsession-netrc-'));
  path = join(folder, 'netrc');
  writeFileSync(path, 'machine 127.0.0.1 login me password secret\n', { mode: 0o600 });
  vi.stubEnv('NETRC', path);
  return () => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  };
});

const server = (): Promise<RawServer> => rawServer(answering(() => ok('x')));
const authorizations = ({ received }: RawServer): (string | undefined)[] =>
  received
    .join('')
    .split(/(?=^GET )/m)
    .map((head) => /^authorization: (.*)\r$/im.exec(head)?.[1]);
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('netrc', () => {
  it('is read only when it is asked for', async () => {
    await using origin = await server();
    const url = `http://127.0.0.1:${origin.port}/`;
    for (const trustEnv of [true, false, { proxy: true }, { netrc: false }, { netrc: true }]) {
      await openSession({ trustEnv }).get(url).text();
    }
    await openSession({ auth: netrc() }).get(url).text();
    expect(authorizations(origin)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
      basic('me:secret'),
      basic('me:secret'),
    ]);
  });

  it('is the weakest credential, and null switches it off', async () => {
    await using origin = await server();
    const session = openSession({ trustEnv: { netrc: true } });
    const host = `127.0.0.1:${origin.port}/`;
    await session.get(`http://${host}`, { auth: ['call', 'pw'] }).text();
    await session.get(`http://${host}`, { headers: { authorization: 'Bearer own' } }).text();
    await session.get(`http://url:pw@${host}`).text();
    await session.get(`http://${host}`, { auth: null }).text();
    session.auth = null;
    await session.get(`http://${host}`).text();
    expect(authorizations(origin)).toEqual([
      basic('call:pw'),
      'Bearer own',
      basic('url:pw'),
      undefined,
      basic('me:secret'),
    ]);
  });

  it('is for the exact host, and never for the target of a redirect', async () => {
    writeFileSync(path, 'machine localhost login other password pw\ndefault login any password body\n');
    await using end = await server();
    await using origin = await rawServer(
      answering(
        () => `HTTP/1.1 302 Found\r\nLocation: http://localhost:${end.port}/\r\nContent-Length: 0\r\n\r\n`,
      ),
    );
    const session = openSession({ auth: netrc({ onWarning: () => undefined }) });
    await session.get(`http://127.0.0.1:${origin.port}/`).text();
    expect(authorizations(origin)).toEqual([basic('any:body')]);
    expect(authorizations(end)).toEqual([undefined]);
  });
});
