import { randomBytes } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type RetryPolicy, type Session, SessionClosedError } from '@httpsession/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { type FileAnswer, fileServer } from './support/file-server.ts';
import { failure, openSession, quickRetry } from './support/session.ts';

const content = randomBytes(300_000);
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'httpsession-download-'));
  path = join(folder, 'file.bin');
  return () => rmSync(folder, { recursive: true });
});

const open = (limit = 3): ReturnType<typeof openSession> => openSession({ retry: quickRetry(limit) });
/** What stands in the folder, and nothing else may. */
const files = (): string[] => readdirSync(folder).sort();

describe('download', () => {
  it('writes the body to the file and says how long it is', async () => {
    await using server = await fileServer(content);
    const response = await open().get(server.url);
    expect(await response.download(path)).toEqual({ path, size: 300_000, resumedFrom: 0 });
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(files()).toEqual(['file.bin']);
  });

  it('replaces what was there, and an empty body makes an empty file', async () => {
    await using server = await fileServer(Buffer.alloc(0));
    writeFileSync(path, 'before');
    expect(await (await open().get(server.url)).download(path)).toEqual({ path, size: 0, resumedFrom: 0 });
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  it('writes what a coded body says', async () => {
    const { gzipSync } = await import('node:zlib');
    const headers = { 'content-encoding': 'gzip' };
    await using server = await fileServer(gzipSync(content), { headers });
    expect(await (await open().get(server.url)).download(path)).toMatchObject({ size: 300_000 });
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  it('leaves what was there and nothing else when it fails', async () => {
    await using server = await fileServer(content, { cutAfter: 1000 });
    writeFileSync(path, 'before');
    const response = await open(2).get(server.url);
    expect(await failure(response.download(path))).toMatchObject({ name: 'IncompleteBodyError' });
    expect(server.requests).toHaveLength(3);
    expect(readFileSync(path, 'utf8')).toBe('before');
    expect(files()).toEqual(['file.bin']);
  });

  it('shows nothing at the path before it is complete', async () => {
    await using server = await fileServer(content, { stallAfter: 100_000 });
    const controller = new AbortController();
    const response = await open().get(server.url);
    const result = failure(response.download(path, { signal: controller.signal }));
    await expect.poll(() => files().length).toBe(1);
    expect(files()[0]).toMatch(/^\.file\.bin\..*\.part$/);
    controller.abort('enough');
    expect(await result).toBe('enough');
    expect(files()).toEqual([]);
  });

  it.each<[string, unknown, unknown, RegExp]>([
    ['an empty path', '', {}, /path must be a non-empty string, got ""/],
    ['a path that is no string', 5, {}, /path must be a non-empty string, got number/],
    ['resume that is no boolean', 'x', { resume: 1 }, /resume must be true or false, got number/],
    ['a signal that is none', 'x', { signal: {} }, /signal must be an AbortSignal, got an object/],
    ['an option that there is not', 'x', { overwrite: false }, /download\.overwrite is not an option/],
    ['options that are null', 'x', null, /download options must be an object, got null/],
    ['options that are a text', 'x', 'resume', /download options must be an object, got string/],
  ])('refuses %s before it writes anything, and leaves the body', async (_title, to, options, message) => {
    await using server = await fileServer(content);
    const response = await open().get(server.url);
    const target = typeof to === 'string' && to !== '' ? join(folder, to) : to;
    const error = await failure(response.download(target as string, options as object));
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toMatch(message);
    expect(files()).toEqual([]);
    expect(await response.download(path)).toMatchObject({ size: 300_000 });
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(server.requests).toHaveLength(1);
  });

  it('takes what is undefined for not given, and null for no signal', async () => {
    await using server = await fileServer(content);
    const [first, second] = [await open().get(server.url), await open().get(server.url)];
    await first.download(path, { resume: undefined, signal: undefined });
    await second.download(path, { signal: null });
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(files()).toEqual(['file.bin']);
  });

  it('fails in a folder that is not there, with the connection freed', async () => {
    await using server = await fileServer(Buffer.alloc(8 * 1024 * 1024));
    const session = open();
    const response = await session.get(server.url);
    expect(await failure(response.download(join(folder, 'none', 'x')))).toMatchObject({ code: 'ENOENT' });
    await expect.poll(() => session.stats().unreadBodies).toBe(0);
  });

  it('refuses a body that was used, and two downloads to one path', async () => {
    await using server = await fileServer(content, { stallAfter: 10 }, {});
    const session = open();
    const controller = new AbortController();
    const first = await session.get(server.url);
    const result = failure(first.download(path, { signal: controller.signal }));
    const second = await session.get(server.url);
    expect(String(await failure(second.download(path)))).toMatch(/being written by another download/);
    controller.abort();
    await result;
    const third = await session.get(server.url);
    await third.text();
    expect(await failure(third.download(path))).toBeInstanceOf(TypeError);
  });

  it('reads no faster than it writes: memory stays flat over 128 MiB', async () => {
    await using server = await fileServer(Buffer.alloc(128 * 1024 * 1024, 7));
    const response = await open().get(server.url);
    // What is held, not what waits for the collector.
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    let highest = 0;
    collect();
    const before = process.memoryUsage().arrayBuffers;
    const timer = setInterval(() => {
      collect();
      highest = Math.max(highest, process.memoryUsage().arrayBuffers - before);
    }, 50);
    expect(await response.download(path)).toMatchObject({ size: 128 * 1024 * 1024 });
    clearInterval(timer);
    expect(statSync(path).size).toBe(128 * 1024 * 1024);
    expect(highest).toBeLessThan(32 * 1024 * 1024);
  });
});

describe('a body that breaks off', () => {
  it('is continued from where it ended, for the same version only', async () => {
    await using server = await fileServer(content, { cutAfter: 100_000 }, { cutAfter: 50_000 }, {});
    const response = await open().get(server.url, { headers: { 'x-mine': '1' } });
    expect(await response.download(path)).toEqual({ path, size: 300_000, resumedFrom: 0 });
    expect(readFileSync(path).equals(content)).toBe(true);
    const [, second, third] = server.requests;
    expect(second?.headers).toMatchObject({
      range: expect.stringMatching(/^bytes=\d+-$/),
      'if-range': '"v1"',
      'accept-encoding': 'identity',
      'x-mine': '1',
    });
    expect(Number(/\d+/.exec(third?.headers.range ?? '')?.[0])).toBeGreaterThan(100_000);
    expect(server.requests).toHaveLength(3);
  });

  it('by a stall is continued, too', async () => {
    await using server = await fileServer(content, { stallAfter: 100_000 }, {});
    const response = await open().get(server.url, { timeout: { idle: 50 } });
    expect(await response.download(path)).toMatchObject({ size: 300_000 });
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  const other = randomBytes(200_000);
  it.each<[string, FileAnswer, number]>([
    ['a whole other version', { content: other, etag: '"v2"' }, 2],
    ['the whole, for it knows no ranges', { ignoreRange: true }, 2],
    ['a part that begins elsewhere', { headers: { 'content-range': 'bytes 5-299999/300000' } }, 3],
    ['a part of another length', { headers: { 'content-range': 'bytes 100000-299999/300001' } }, 3],
    ['a part that stops early', { headers: { 'content-range': 'bytes 100000-199999/300000' } }, 3],
    ['a part of another version', { content: other, status: 206, headers: { etag: '"v2"' } }, 3],
    ['a part without Content-Range', { headers: { 'content-range': '' } }, 3],
    ['a part in a coding', { headers: { 'content-encoding': 'gzip' } }, 3],
    ['several parts', { headers: { 'content-range': '', 'content-type': 'multipart/byteranges' } }, 3],
    ['416 about a shorter file', { status: 416, headers: { 'content-range': 'bytes */5' } }, 3],
    ['204', { status: 204 }, 3],
    ['a part that is longer than its range', { excess: other }, 3],
    ['416 about a file that ends here', { status: 416, headers: { 'content-range': 'bytes */100000' } }, 3],
  ])('is never mixed: the server answers %s', async (_title, answer, requests) => {
    const isOther = answer.content !== undefined;
    const next: FileAnswer = isOther ? { content: other, etag: '"v2"' } : {};
    await using server = await fileServer(content, { cutAfter: 100_000 }, answer, next);
    const response = await open().get(server.url);
    const expected = isOther ? other : content;
    expect(await response.download(path)).toEqual({ path, size: expected.length, resumedFrom: 0 });
    expect(readFileSync(path).equals(expected)).toBe(true);
    expect(server.requests).toHaveLength(requests);
  });

  const chunked = { 'content-length': '' };
  it('is not taken for complete where nobody says how long the whole is', async () => {
    await using server = await fileServer(
      content,
      { cutAfter: 100_000, headers: chunked },
      { last: 199_999, total: '*' },
      {},
    );
    expect(await (await open().get(server.url)).download(path)).toMatchObject({ size: 300_000 });
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(server.requests.map(({ headers }) => headers.range)).toEqual([
      undefined,
      expect.stringMatching(/^bytes=\d+-$/),
      undefined,
    ]);
  });

  it('is continued where the range tells how long the whole is, and is complete where 416 does', async () => {
    const end = content.length;
    await using server = await fileServer(
      content,
      { cutAfter: 100_000, headers: chunked },
      { cutAfter: 50_000 },
      {},
    );
    expect(await (await open().get(server.url)).download(path)).toMatchObject({ size: end });
    expect(readFileSync(path).equals(content)).toBe(true);
    await using whole = await fileServer(content, { cutAfter: end, headers: chunked }, {});
    expect(await (await open().get(whole.url)).download(path)).toMatchObject({ size: end });
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(whole.requests.map(({ headers }) => headers.range)).toEqual([undefined, `bytes=${end}-`]);
  });

  it.each([true, false])('is never longer than its range (resume: %s)', async (resume) => {
    await using server = await fileServer(
      content,
      { cutAfter: 100_000 },
      { excess: other, headers: chunked },
    );
    writeFileSync(path, 'before');
    const error = await failure((await open().get(server.url)).download(path, { resume }));
    expect(error).toMatchObject({ name: 'BodyError', code: 'ERR_BODY', response: { status: 206 } });
    expect(String(error)).toMatch(/the body is longer than the 300000 bytes that were announced/);
    expect(server.requests).toHaveLength(2);
    expect(readFileSync(path, 'utf8')).toBe('before');
    // Whether any of its bytes were those of the range, nobody knows.
    expect(files()).toEqual(['file.bin']);
  });

  it.each<[string, FileAnswer]>([
    ['a weak tag', { etag: 'W/"v1"' }],
    ['no validator', { etag: null }],
    [
      'a date of this second',
      { etag: null, headers: { 'last-modified': new Date(Date.now() + 60_000).toUTCString() } },
    ],
    ['Accept-Ranges: none', { headers: { 'accept-ranges': 'none' } }],
  ])('is fetched anew with %s', async (_title, answer) => {
    await using server = await fileServer(content, { ...answer, cutAfter: 100_000 }, answer);
    expect(await (await open().get(server.url)).download(path)).toMatchObject({ size: 300_000 });
    expect(server.requests[1]?.headers.range).toBeUndefined();
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  it('is continued by a date that is old enough', async () => {
    const modified = 'Mon, 01 Jan 2024 00:00:00 GMT';
    const answer: FileAnswer = { etag: null, headers: { 'last-modified': modified } };
    await using server = await fileServer(
      content,
      { ...answer, cutAfter: 100_000 },
      { ...answer, etag: modified },
    );
    expect(await (await open().get(server.url)).download(path)).toMatchObject({ size: 300_000 });
    expect(server.requests[1]?.headers['if-range']).toBe(modified);
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  it('is never mixed with a version of another date', async () => {
    const first = { 'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT' };
    const second = { 'last-modified': 'Tue, 02 Jan 2024 00:00:00 GMT' };
    const changed = randomBytes(300_000);
    await using server = await fileServer(
      content,
      { etag: null, headers: first, cutAfter: 100_000 },
      // It does not look at If-Range.
      { content: changed, etag: first['last-modified'], headers: { ...second, etag: '' } },
      { content: changed, etag: null, headers: second },
    );
    expect(await (await open().get(server.url)).download(path)).toEqual({
      path,
      size: 300_000,
      resumedFrom: 0,
    });
    expect(readFileSync(path).equals(changed)).toBe(true);
    expect(server.requests.map(({ headers }) => headers['if-range'])).toEqual([
      undefined,
      first['last-modified'],
      undefined,
    ]);
  });

  it.each<[string, FileAnswer]>([
    ['the tag', { etag: '"v1"' }],
    ['a date', { etag: 'W/"v1"' }],
  ])(
    'is never mixed with a version that names another date and no tag, where %s tells them apart',
    async (_title, answer) => {
      const first = { 'last-modified': 'Mon, 01 Jan 2024 00:00:00 GMT' };
      const changed = randomBytes(300_000);
      const second = { 'last-modified': 'Tue, 02 Jan 2024 00:00:00 GMT', etag: '' };
      await using server = await fileServer(
        content,
        { ...answer, headers: first, cutAfter: 100_000 },
        // It does not look at If-Range.
        { content: changed, ignoreIfRange: true, headers: second },
        { content: changed, headers: second },
      );
      expect(await (await open().get(server.url)).download(path)).toMatchObject({ size: 300_000 });
      expect(readFileSync(path).equals(changed)).toBe(true);
      expect(server.requests.map(({ headers }) => headers.range !== undefined)).toEqual([false, true, false]);
    },
  );

  it('is continued by the same tag, whatever date the part has', async () => {
    const dated = (day: number): FileAnswer => ({
      headers: { 'last-modified': `Mon, 0${day} Jan 2024 00:00:00 GMT` },
    });
    await using server = await fileServer(content, { ...dated(1), cutAfter: 100_000 }, dated(2));
    expect(await (await open().get(server.url)).download(path)).toMatchObject({ size: 300_000 });
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(server.requests).toHaveLength(2);
  });

  it('is given up when the server refuses to go on', async () => {
    await using server = await fileServer(content, { cutAfter: 100_000 }, { status: 404 });
    const error = await failure((await open().get(server.url)).download(path));
    expect(error).toMatchObject({ name: 'HTTPError', status: 404 });
    expect(files()).toEqual([]);
  });

  it('is not fetched again for a POST', async () => {
    await using server = await fileServer(content, { cutAfter: 100_000 }, {});
    const response = await open().post(server.url);
    expect(await failure(response.download(path))).toMatchObject({ name: 'IncompleteBodyError' });
    expect(server.requests).toHaveLength(1);
  });

  it('goes on with fresh cookies and credentials of the call', async () => {
    const answer: FileAnswer = { cutAfter: 100_000, headers: { 'set-cookie': 'sid=2; Path=/' } };
    await using server = await fileServer(content, answer, {});
    const session = open();
    const response = await session.get(server.url, { auth: ['user', 'pw'], cookies: { own: '1' } });
    await response.download(path);
    expect(server.requests[1]?.headers).toMatchObject({
      authorization: 'Basic dXNlcjpwdw==',
      cookie: 'sid=2; own=1',
    });
  });

  it('ends with the deadline of its call', async () => {
    await using server = await fileServer(content, { stallAfter: 1000 });
    const response = await open(100).get(server.url, { timeout: { total: 200, idle: 40 } });
    const start = performance.now();
    expect(await failure(response.download(path))).toMatchObject({ name: 'TimeoutError' });
    expect(performance.now() - start).toBeLessThan(1_500);
    expect(files()).toEqual([]);
  });
});

describe('between the parts of a download', () => {
  /** Retries after a minute; `waiting` is told of the wait. */
  const slowRetry = (waiting: () => void): RetryPolicy => ({
    limit: 1,
    throwOnExhausted: false,
    budget: null,
    classify: () => null,
    delayAfter: () => {
      waiting();
      return 60_000;
    },
  });

  it.each<[string, (end: AbortController, session: Session) => unknown, object]>([
    ["the call's signal", (end) => end.abort('enough'), {}],
    [
      "the call's signal, beside its own",
      (end) => end.abort('enough'),
      { signal: AbortSignal.timeout(90_000) },
    ],
    ["the session's close", (_end, session) => session.close(), {}],
    [
      "the session's close, beside its own signal",
      (_end, session) => session.close(),
      { signal: AbortSignal.timeout(90_000) },
    ],
  ])('the wait ends at once by %s', async (title, stop, options) => {
    await using server = await fileServer(content, { cutAfter: 100_000 }, {});
    let isWaiting = false;
    const session = openSession({
      retry: slowRetry(() => {
        isWaiting = true;
      }),
    });
    const end = new AbortController();
    const response = await session.get(server.url, { signal: end.signal });
    const result = failure(response.download(path, options));
    await expect.poll(() => isWaiting).toBe(true);
    const start = performance.now();
    await stop(end, session);
    const error = await result;
    expect(performance.now() - start).toBeLessThan(10_000);
    if (title.includes('close')) expect(error).toBeInstanceOf(SessionClosedError);
    else expect(error).toBe('enough');
    expect(server.requests).toHaveLength(1);
    expect(files()).toEqual([]);
  });

  it("the call's signal is heard while the rest arrives, though the download has one of its own", async () => {
    await using server = await fileServer(content, { cutAfter: 100_000 }, { stallAfter: 50_000 });
    const [end, own] = [new AbortController(), new AbortController()];
    const response = await open().get(server.url, { signal: end.signal });
    const result = failure(response.download(path, { signal: own.signal }));
    await expect.poll(() => server.requests.length).toBe(2);
    end.abort('enough');
    expect(await result).toBe('enough');
    expect(files()).toEqual([]);
  });

  it('nothing hangs on the signals when it is over', async () => {
    await using server = await fileServer(content, { cutAfter: 100_000 }, {});
    const [end, own] = [new AbortController(), new AbortController()];
    const response = await open().get(server.url, { signal: end.signal });
    await response.download(path, { signal: own.signal });
    expect(readFileSync(path).equals(content)).toBe(true);
    expect([end, own].map(({ signal }) => getEventListeners(signal, 'abort').length)).toEqual([0, 0]);
  });
});

describe('resume', () => {
  /** A download that fails after 100,000 bytes. */
  const begun = async (answer: FileAnswer = {}): Promise<void> => {
    await using server = await fileServer(content, { ...answer, cutAfter: 100_000 });
    const response = await openSession().get(server.url);
    expect(await failure(response.download(path, { resume: true }))).toMatchObject({
      name: 'IncompleteBodyError',
    });
    url = server.url;
  };
  let url: string;
  const again = async (...answers: FileAnswer[]) => {
    await using server = await fileServer(content, ...answers);
    // The same URL: the note is about it. Only the port of the test's server differs.
    const note = JSON.parse(readFileSync(`${path}.part.json`, 'utf8'));
    const { createHash } = await import('node:crypto');
    expect(note.url).toBe(createHash('sha256').update(url).digest('hex'));
    note.url = createHash('sha256').update(server.url).digest('hex');
    writeFileSync(`${path}.part.json`, JSON.stringify(note));
    const result = await (await open().get(server.url)).download(path, { resume: true });
    return { result, requests: server.requests };
  };

  it('continues what an earlier download has left', async () => {
    await begun();
    expect(files()).toEqual(['file.bin.part', 'file.bin.part.json']);
    const left = statSync(`${path}.part`).size;
    expect(left).toBeGreaterThan(0);
    const { result, requests } = await again();
    expect(result).toEqual({ path, size: 300_000, resumedFrom: left });
    expect(requests[1]?.headers.range).toBe(`bytes=${left}-`);
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(files()).toEqual(['file.bin']);
  });

  it('writes no URL into its note: query strings hold keys', async () => {
    await begun();
    expect(readFileSync(`${path}.part.json`, 'utf8')).not.toContain('secret');
  });

  it('needs no more than to rename what is complete', async () => {
    await begun();
    writeFileSync(`${path}.part`, content);
    const { result, requests } = await again();
    expect(result).toEqual({ path, size: 300_000, resumedFrom: 300_000 });
    expect(requests).toHaveLength(1);
    expect(readFileSync(path).equals(content)).toBe(true);
  });

  it.each<[string, () => void, FileAnswer[]]>([
    ['another version is served', () => undefined, [{ etag: '"v2"' }]],
    ['the note is broken', () => writeFileSync(`${path}.part.json`, '{"url":'), [{}]],
    ['more is there than there can be', () => writeFileSync(`${path}.part`, randomBytes(400_000)), [{}]],
    ['the version changes in between', () => undefined, [{}, { etag: '"v2"' }]],
    ['the answer is 416 all the same', () => undefined, [{}, { status: 416 }, {}]],
  ])('starts over when %s', async (_title, change, answers) => {
    await begun();
    const note = readFileSync(`${path}.part.json`, 'utf8');
    change();
    if (readFileSync(`${path}.part.json`, 'utf8') !== note) {
      await using server = await fileServer(content, ...answers);
      const response = await open().get(server.url);
      expect(await response.download(path, { resume: true })).toMatchObject({ resumedFrom: 0 });
    } else {
      expect((await again(...answers)).result).toEqual({ path, size: 300_000, resumedFrom: 0 });
    }
    expect(readFileSync(path).equals(content)).toBe(true);
    expect(files()).toEqual(['file.bin']);
  });

  it('leaves nothing of what could not be continued', async () => {
    await using server = await fileServer(content, { etag: null, cutAfter: 100_000 });
    await failure((await openSession().get(server.url)).download(path, { resume: true }));
    expect(files()).toEqual([]);
  });
});
