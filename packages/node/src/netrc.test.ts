import { chmodSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Auth, AuthRequest } from '@httpsession/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { netrc } from './netrc.ts';

let home: string;
const write = (name: string, text: string, mode = 0o600): string => {
  const path = join(home, name);
  writeFileSync(path, text, { mode });
  chmodSync(path, mode);
  return path;
};

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'httpsession-netrc-'));
  vi.stubEnv('HOME', home);
  vi.stubEnv('NETRC', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

class FakeRequest implements AuthRequest {
  readonly method = 'GET';
  readonly replayable = true;
  readonly url: string;
  readonly authorization: string | undefined;
  constructor(url: string, authorization?: string) {
    this.url = url;
    this.authorization = authorization;
  }
  get origin(): string {
    return new URL(this.url).origin;
  }
  header(name: string): string | undefined {
    return name === 'authorization' ? this.authorization : undefined;
  }
  withHeader(_name: string, value: string | null): this {
    return new FakeRequest(this.url, value ?? undefined) as this;
  }
  withUrl(url: string): this {
    return new FakeRequest(url, this.authorization) as this;
  }
  bodyBytes(): null {
    return null;
  }
}

/** What is sent: `user:password`, the header as it was, or nothing. */
const sent = async (auth: Auth, url: string, authorization?: string): Promise<string | undefined> => {
  const signed = await auth.sign?.(new FakeRequest(url, authorization));
  const header = signed?.header('authorization');
  return header?.startsWith('Basic ') ? Buffer.from(header.slice(6), 'base64').toString() : header;
};

describe('netrc', () => {
  it('finds its file by path, by NETRC, and in the home directory', async () => {
    const path = write('named', 'machine a.test login path password 1');
    vi.stubEnv('NETRC', write('env', 'machine a.test login env password 2'));
    expect(await sent(netrc({ path }), 'https://a.test/')).toBe('path:1');
    expect(await sent(netrc({ path: '~/named' }), 'https://a.test/')).toBe('path:1');
    expect(await sent(netrc(), 'https://a.test/')).toBe('env:2');
    vi.stubEnv('NETRC', undefined);
    expect(await sent(netrc(), 'https://a.test/')).toBeUndefined();
    write('_netrc', 'machine a.test login underscore password 3');
    expect(await sent(netrc(), 'https://a.test/')).toBe('underscore:3');
    write('.netrc', 'machine a.test login dot password 4');
    expect(await sent(netrc(), 'https://a.test/')).toBe('dot:4');
  });

  it('signs for the exact host only, by the name that is connected to (CVE-2024-47081)', async () => {
    write('.netrc', 'machine good.test login me password pw');
    const auth = netrc();
    expect(await sent(auth, 'http://good.test:8080/path')).toBe('me:pw');
    for (const url of [
      'http://sub.good.test/',
      'http://good.test.evil/',
      'http://good.test:@evil.test/',
      'http://evil.test#@good.test',
    ]) {
      expect(await sent(auth, url)).toBeUndefined();
    }
  });

  it('leaves an Authorization header alone', async () => {
    write('.netrc', 'default login me password pw');
    expect(await sent(netrc(), 'http://a.test/', 'Bearer mine')).toBe('Bearer mine');
  });

  it('uses default for hosts the file does not name, and nothing for an entry without a password', async () => {
    write('.netrc', 'machine named.test login me default login anyone password pw');
    const auth = netrc();
    expect(await sent(auth, 'http://other.test/')).toBe('anyone:pw');
    expect(await sent(auth, 'http://named.test/')).toBeUndefined();
  });

  it('takes the account where there is no login, as requests does', async () => {
    write('.netrc', 'machine a.test account acc password pw');
    expect(await sent(netrc(), 'http://a.test/')).toBe('acc:pw');
  });

  it('reads the file again when it changed', async () => {
    const path = write('.netrc', 'machine a.test login me password old');
    const auth = netrc();
    expect(await sent(auth, 'http://a.test/')).toBe('me:old');
    write('.netrc', 'machine a.test login me password new');
    utimesSync(path, 1, 2);
    expect(await sent(auth, 'http://a.test/')).toBe('me:new');
  });

  it('warns once of passwords that others may read', async () => {
    write('.netrc', 'machine a.test login me password pw', 0o644);
    const warnings: string[] = [];
    const auth = netrc({ onWarning: (message) => warnings.push(message) });
    expect(await sent(auth, 'http://a.test/')).toBe('me:pw');
    expect(await sent(auth, 'http://a.test/')).toBe('me:pw');
    expect(warnings).toEqual([
      `${join(home, '.netrc')} holds passwords and others may read it (mode 644, want 600)`,
    ]);

    const harmless = netrc({
      path: write('open', 'machine a.test login me', 0o644),
      onWarning: (message) => warnings.push(message),
    });
    await sent(harmless, 'http://a.test/');
    expect(warnings).toHaveLength(1);
  });

  it('fails for a named file that is not there, and only warns of one it found itself but cannot read', async () => {
    await expect(sent(netrc({ path: '/no/such/netrc' }), 'http://a.test/')).rejects.toMatchObject({
      code: 'ENOENT',
    });
    vi.stubEnv('NETRC', home);
    const warnings: string[] = [];
    const auth = netrc({ onWarning: (message) => warnings.push(message) });
    expect(await sent(auth, 'http://a.test/')).toBeUndefined();
    expect(await sent(auth, 'http://a.test/')).toBeUndefined();
    expect(warnings).toEqual([`${home} cannot be read (EISDIR)`]);
  });

  it.each([[''], [7]])('refuses %j as a path', (path) => {
    expect(() => netrc({ path: path as string })).toThrow('netrc path must be a non-empty string');
  });
});
