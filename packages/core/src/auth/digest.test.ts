import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DigestServer, type DigestServerOptions, parseAuthorization } from '../../test/auth/digest-server.ts';
import { exchange, type FakeRequest, get, reply } from '../../test/auth/fake-exchange.ts';
import { AuthError } from './auth-error.ts';
import { type DigestOptions, digest } from './digest.ts';
import { DIGEST_ALGORITHMS } from './digest-algorithms.ts';

const mufasa = (options?: DigestOptions) => digest('Mufasa', 'Circle of Life', options);
const authorizations = (server: DigestServer, name: string): (string | undefined)[] =>
  server.seen.map(({ fields }) => fields.get(name));

describe('digest', () => {
  it.each(
    DIGEST_ALGORITHMS.flatMap((algorithm) =>
      ['auth', 'auth-int', 'auth-int, auth', null].map((qop) => [algorithm, qop] as const),
    ),
  )('answers %s with qop %s, and later requests in advance with a growing count', async (algorithm, qop) => {
    const server = new DigestServer({ algorithm, qop });
    const auth = mufasa();
    const body = new TextEncoder().encode('{"a":1}');
    const url = 'https://api.example/a%20b/c?d=e&f#g';
    for (const method of ['POST', 'PUT', 'POST']) {
      expect((await exchange(auth, get(url, { method, body }), server.handle)).status).toBe(200);
    }
    expect(server.verdicts).toEqual(['plain', 'ok', 'ok', 'ok']);
    if (qop !== null) {
      expect(authorizations(server, 'nc').slice(1)).toEqual(['00000001', '00000002', '00000003']);
      expect(authorizations(server, 'qop').at(-1)).toBe(qop === 'auth-int' ? 'auth-int' : 'auth');
    }
    expect(server.seen.at(-1)?.request.body).toBe(body);
  });

  it('answers any user, password, realm, URL and body, as an independent server computes it', async () => {
    const text = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .filter((value) => !/[\p{Cc}\p{Cs}]/u.test(value));
    const ascii = fc.string().filter((value) => !/[^ -~]/.test(value));
    const options = fc.record({
      user: text,
      password: text,
      realm: ascii,
      opaque: fc.option(ascii),
      algorithm: fc.constantFrom(...DIGEST_ALGORITHMS, null),
      qop: fc.constantFrom('auth', 'auth-int', null),
    });
    await fc.assert(
      fc.asyncProperty(
        options,
        fc.webUrl({ withQueryParameters: true }),
        fc.uint8Array(),
        async (given, url, body) => {
          const server = new DigestServer(given);
          const auth = digest(given.user, given.password);
          for (let turn = 0; turn < 2; turn += 1) {
            await exchange(auth, get(new URL(url).href, { method: 'POST', body }), server.handle);
          }
          expect(server.verdicts).toEqual(['plain', 'ok', 'ok']);
        },
      ),
    );
  });

  it.each(DIGEST_ALGORITHMS)(
    'sends a hash in place of the user name when the server asks, with %s',
    async (algorithm) => {
      const server = new DigestServer({ algorithm, userhash: true, user: 'J\u00e4s\u00f8n Doe' });
      await exchange(digest('J\u00e4s\u00f8n Doe', 'Circle of Life'), get(), server.handle);
      expect(server.verdicts).toEqual(['plain', 'ok']);
    },
  );

  it('uses a new client nonce for each answer, and one for all of a -sess key', async () => {
    for (const [algorithm, distinct] of [
      ['MD5', 3],
      ['MD5-sess', 1],
    ] as const) {
      const server = new DigestServer({ algorithm });
      const auth = mufasa();
      for (let turn = 0; turn < 3; turn += 1) await exchange(auth, get(), server.handle);
      const nonces = authorizations(server, 'cnonce').slice(1);
      expect(new Set(nonces).size).toBe(distinct);
      for (const nonce of nonces) expect(nonce).toMatch(/^[0-9a-f]{32}$/);
    }
  });

  it('gives the 401 back after one refused answer, and starts plain the next time', async () => {
    const server = new DigestServer({ password: 'another' });
    const auth = mufasa();
    expect((await exchange(auth, get(), server.handle)).status).toBe(401);
    expect((await exchange(auth, get(), server.handle)).status).toBe(401);
    expect(server.verdicts).toEqual(['plain', 'response', 'plain', 'response']);
  });

  it('answers a nonce that went stale once more', async () => {
    const server = new DigestServer({ uses: 1 });
    const auth = mufasa();
    await exchange(auth, get(), server.handle);
    expect((await exchange(auth, get(), server.handle)).status).toBe(200);
    expect(server.verdicts).toEqual(['plain', 'ok', 'stale', 'ok']);
    expect(authorizations(server, 'nc').at(-1)).toBe('00000001');
  });

  it('answers at most twice when every nonce is stale at once', async () => {
    const server = new DigestServer({ uses: 0 });
    expect((await exchange(mufasa(), get(), server.handle)).status).toBe(401);
    expect(server.verdicts).toEqual(['plain', 'stale', 'stale']);
  });

  it('answers the new nonce of a server that forgot the old one without calling it stale', async () => {
    const auth = mufasa();
    await exchange(auth, get(), new DigestServer({ nonce: 'before' }).handle);
    const restarted = new DigestServer({ nonce: 'after' });
    expect((await exchange(auth, get(), restarted.handle)).status).toBe(200);
    expect(restarted.verdicts).toEqual(['unknown nonce', 'ok']);
  });

  it('does not answer an advance answer refused with the same nonce', async () => {
    const auth = mufasa();
    await exchange(auth, get(), new DigestServer({ nonce: 'n' }).handle);
    const changed = new DigestServer({ nonce: 'n', password: 'changed' });
    changed.challenge();
    expect((await exchange(auth, get(), changed.handle)).status).toBe(401);
    expect(changed.verdicts).toEqual(['response']);
  });

  it.each([400, 402, 403, 407, 200, 302, 500])('leaves a challenge in a %i alone', async (status) => {
    const challenge = new DigestServer().challenge();
    let messages = 0;
    const response = await exchange(mufasa(), get(), () => {
      messages += 1;
      return reply(status, { 'www-authenticate': challenge });
    });
    expect([messages, response.status]).toEqual([1, status]);
  });

  it.each([
    ['no challenge', {}],
    ['an unknown algorithm', { 'www-authenticate': 'Digest realm=r, nonce=n, algorithm=SHA-1' }],
    ['no realm', { 'www-authenticate': 'Digest nonce=n' }],
    ['only Basic', { 'www-authenticate': 'Basic realm=r' }],
    ['only unknown qop', { 'www-authenticate': 'Digest realm=r, nonce=n, qop=auth-conf' }],
  ])('sends nothing more after a 401 with %s', async (_title, headers) => {
    const seen: FakeRequest[] = [];
    await exchange(mufasa(), get(), (request) => {
      seen.push(request);
      return reply(401, headers);
    });
    expect(seen.map((request) => request.header('authorization'))).toEqual([undefined]);
  });

  it('answers the strongest of several challenges', async () => {
    const offers = ['MD5', 'SHA-256', 'SHA-512-256', 'SHA-1'];
    let answered = '';
    await exchange(mufasa(), get(), (request) => {
      answered = parseAuthorization(request.header('authorization')).get('algorithm') ?? '';
      const lines = offers.map((algorithm) => `Digest realm=r, nonce=n, qop=auth, algorithm=${algorithm}`);
      return reply(answered === '' ? 401 : 200, { 'www-authenticate': ['Basic realm=r', ...lines] });
    });
    expect(answered).toBe('SHA-512-256');
  });

  it('answers no algorithm outside the list it is given', async () => {
    const server = new DigestServer({ algorithm: 'MD5' });
    await exchange(mufasa({ algorithms: ['SHA-256'] }), get(), server.handle);
    expect(server.verdicts).toEqual(['plain']);
  });

  it('sends the password to a server of Basic only when allowed, and never when Digest can be answered', async () => {
    const seen: (string | undefined)[] = [];
    const basicOnly = (request: FakeRequest) => {
      seen.push(request.header('authorization'));
      return reply(401, { 'www-authenticate': 'Basic realm=r' });
    };
    await exchange(digest('u', 'p'), get(), basicOnly);
    await exchange(digest('u', 'p', { allowBasic: true }), get(), basicOnly);
    expect(seen).toEqual([undefined, undefined, 'Basic dTpw']);
    const both: (string | undefined)[] = [];
    await exchange(digest('u', 'p', { allowBasic: true }), get(), (request) => {
      both.push(request.header('authorization')?.slice(0, 6));
      return reply(401, { 'www-authenticate': 'Basic realm=r, Digest realm=r, nonce=n' });
    });
    expect(both).toEqual([undefined, 'Digest']);
  });

  it('does not fall back to Basic after a refused Digest answer', async () => {
    const seen: (string | undefined)[] = [];
    await exchange(digest('u', 'p', { allowBasic: true }), get(), (request) => {
      seen.push(request.header('authorization')?.slice(0, 6));
      return reply(401, {
        'www-authenticate': seen.length === 1 ? 'Digest realm=r, nonce=n' : 'Basic realm=r',
      });
    });
    expect(seen).toEqual([undefined, 'Digest']);
  });

  describe('over many requests', () => {
    it('never repeats a count of a nonce among 200 requests at once', async () => {
      for (const options of [{ nonce: 'one-for-all' }, {}]) {
        const server = new DigestServer(options);
        const auth = mufasa();
        const replies = await Promise.all(
          Array.from({ length: 200 }, () => exchange(auth, get(), async (request) => server.handle(request))),
        );
        expect(replies.every(({ status }) => status === 200)).toBe(true);
        const again = await Promise.all(
          Array.from({ length: 200 }, () => exchange(auth, get(), async (request) => server.handle(request))),
        );
        expect(again.every(({ status }) => status === 200)).toBe(true);
        expect(server.verdicts.filter((verdict) => verdict !== 'ok' && verdict !== 'plain')).toEqual([]);
        expect(server.verdicts).toHaveLength(600);
      }
    });

    it('keeps the count of a nonce that the server gives again after others', async () => {
      const auth = mufasa();
      const nonces = ['a', 'b', 'a', 'b', 'a'];
      const used: string[] = [];
      for (const nonce of nonces) {
        await exchange(auth, get(), (request) => {
          const fields = parseAuthorization(request.header('authorization'));
          if (fields.get('nonce') !== nonce)
            return reply(401, { 'www-authenticate': `Digest realm=r, nonce=${nonce}, qop=auth, stale=true` });
          used.push(`${nonce} ${fields.get('nc')}`);
          return reply(200);
        });
      }
      expect(new Set(used).size).toBe(used.length);
    });

    it('never offers one origin\u2019s answer to another, even when its domain list names it', async () => {
      const domain = '/ https://other.example/ https://api.example:8443/';
      const auth = mufasa();
      await exchange(auth, get('https://api.example/'), new DigestServer({ domain }).handle);
      for (const url of ['https://other.example/', 'https://api.example:8443/', 'http://api.example/']) {
        const other = new DigestServer();
        await exchange(auth, get(url), other.handle);
        expect(other.verdicts).toEqual(['plain', 'ok']);
        expect(authorizations(other, 'nc')).toEqual([undefined, '00000001']);
      }
    });

    it('answers in advance only inside the protection space', async () => {
      const server = new DigestServer({ domain: '/private https://api.example/also' });
      const auth = mufasa();
      const verdictsOf = async (path: string): Promise<string[]> => {
        const before = server.seen.length;
        await exchange(auth, get(`https://api.example${path}`), server.handle);
        return server.verdicts.slice(before);
      };
      expect(await verdictsOf('/private/a')).toEqual(['plain', 'ok']);
      expect(await verdictsOf('/private/b?c')).toEqual(['ok']);
      expect(await verdictsOf('/also/d')).toEqual(['ok']);
      expect(await verdictsOf('/open')).toEqual(['plain', 'ok']);
      expect(await verdictsOf('/open')).toEqual(['plain', 'ok']);
    });

    it('forgets the origins it has not met for longest rather than grow without end', async () => {
      const auth = mufasa();
      const first = new DigestServer();
      await exchange(auth, get('https://first.example/'), first.handle);
      const others = new DigestServer();
      for (let index = 0; index < 200; index += 1)
        await exchange(auth, get(`https://h${index}.example/`), others.handle);
      await exchange(auth, get('https://first.example/'), first.handle);
      expect(first.verdicts).toEqual(['plain', 'ok', 'plain', 'ok']);
    });
  });

  describe('with Authentication-Info', () => {
    it.each(DIGEST_ALGORITHMS)(
      'accepts a right rspauth and goes on with nextnonce, with %s',
      async (algorithm) => {
        const server = new DigestServer({ algorithm, proves: 'right', nextNonce: true });
        const auth = mufasa();
        for (let turn = 0; turn < 4; turn += 1) await exchange(auth, get(), server.handle);
        expect(server.verdicts).toEqual(['plain', 'ok', 'ok', 'ok', 'ok']);
        expect(new Set(authorizations(server, 'nonce').slice(1)).size).toBe(4);
        expect(authorizations(server, 'nc').slice(1)).toEqual([
          '00000001',
          '00000001',
          '00000001',
          '00000001',
        ]);
      },
    );

    it('fails a call whose server does not know the password, without showing it', async () => {
      const server = new DigestServer({ proves: 'wrong' });
      const auth = mufasa();
      const failure = await exchange(auth, get(), server.handle).catch((error) => error);
      expect(failure).toBeInstanceOf(AuthError);
      expect(failure).toMatchObject({ name: 'AuthError', code: 'ERR_AUTH', retryable: false });
      expect(inspect(failure)).not.toMatch(/Circle|Mufasa/);
      await exchange(auth, get(), server.handle).catch(() => null);
      expect(server.verdicts).toEqual(['plain', 'ok', 'plain', 'ok']);
    });

    it.each<DigestServerOptions>([{ qop: 'auth-int' }, { qop: null }])(
      'does not judge an rspauth over what it cannot see, with %j',
      async (options) => {
        const server = new DigestServer({ ...options, proves: 'wrong' });
        expect((await exchange(mufasa(), get(), server.handle)).status).toBe(200);
      },
    );
  });

  it('lets the layer refuse a one-shot body: it yields the request again and never an empty one', async () => {
    const server = new DigestServer();
    const request = get(undefined, { method: 'POST', body: new Uint8Array([1]), replayable: false });
    await exchange(mufasa(), request, server.handle);
    expect(server.seen.map(({ request: { body, replayable } }) => [body?.length, replayable])).toEqual([
      [1, false],
      [1, false],
    ]);
    const integrity = new DigestServer({ qop: 'auth-int' });
    await expect(exchange(mufasa(), request, integrity.handle)).rejects.toThrow(
      'the body can be read only once',
    );
    expect(integrity.seen).toHaveLength(1);
  });

  it('shows neither user nor password when printed, before and after use', async () => {
    const auth = digest('alice', 'hunter2');
    await exchange(auth, get(), new DigestServer({ user: 'alice', password: 'hunter2' }).handle);
    expect(inspect(auth, { depth: 10, showHidden: true })).not.toMatch(/alice|hunter2/);
  });

  it.each<[unknown, unknown, unknown, RegExp]>([
    ['us\ner', 'secret', {}, /^digest user must not contain control characters/],
    ['user', 'secret\0', {}, /^digest password must not contain control characters/],
    [undefined, 'secret', {}, /^digest user must be a string, got undefined$/],
    ['us:er', 'secret', { allowBasic: true }, /^basic user must not contain a colon$/],
    ['user', 'secret', { algorithms: [] }, /^digest algorithms must be a list with at least one name$/],
    ['user', 'secret', { algorithms: 'MD5' }, /^digest algorithms must be a list/],
    ['user', 'secret', { algorithms: ['SHA-1'] }, /^digest algorithms must be of .*, got SHA-1$/],
  ])('refuses %j, %j, %j', (user, password, options, message) => {
    const act = () => digest(user as string, password as string, options as DigestOptions);
    expect(act).toThrow(TypeError);
    expect(act).toThrow(message);
    expect(act).not.toThrow(/secret/);
  });
});
