import { inspect } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { exchange, type FakeServer, get, reply } from '../../test/auth/fake-exchange.ts';
import { type OAuth2Options, oauth2 } from './oauth2.ts';
import { OAuth2Error } from './oauth2-error.ts';

const TOKEN_URL = 'https://id.example/token';
const CLIENT = { tokenUrl: TOKEN_URL, clientId: 'app', clientSecret: 's3cret' } as const;

interface Asked {
  readonly url: string;
  readonly init: RequestInit;
  readonly headers: Headers;
  readonly form: Record<string, string>;
}

/** A token endpoint that gives the answers it is given, the last one for ever. */
const endpoint = (...answers: readonly (Record<string, unknown> | Response)[]) => {
  const asked: Asked[] = [];
  const fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const form = Object.fromEntries(new URLSearchParams(String(init.body)));
    asked.push({ url, init, headers: new Headers(init.headers), form });
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    return answer instanceof Response ? answer : Response.json(answer);
  };
  return { asked, fetch };
};

const accepting =
  (...tokens: string[]): FakeServer =>
  async (request) =>
    reply(tokens.includes(request.header('authorization')?.replace('Bearer ', '') ?? '') ? 200 : 401);

describe('oauth2 with client credentials', () => {
  it('sends the grant of RFC 6749 4.4 with a Basic client', async () => {
    const { asked, fetch } = endpoint({ access_token: 't1', token_type: 'Bearer', expires_in: 3600 });
    const auth = oauth2({
      ...CLIENT,
      clientCredentials: true,
      scope: 'read write',
      audience: 'https://api.example',
      fetch,
    });
    expect((await exchange(auth, get(), accepting('t1'))).status).toBe(200);
    expect(asked).toHaveLength(1);
    const [{ url, init, headers, form }] = asked as [Asked];
    expect([url, init.method, init.redirect]).toEqual([TOKEN_URL, 'POST', 'manual']);
    expect(headers.get('authorization')).toBe(`Basic ${btoa('app:s3cret')}`);
    expect(headers.get('content-type')).toBe('application/x-www-form-urlencoded');
    expect(form).toEqual({
      grant_type: 'client_credentials',
      scope: 'read write',
      audience: 'https://api.example',
    });
  });

  it('form-encodes client id and secret before Basic (RFC 6749 2.3.1)', async () => {
    const { asked, fetch } = endpoint({ access_token: 't1' });
    const auth = oauth2({
      tokenUrl: TOKEN_URL,
      clientId: 'a:b',
      clientSecret: 'p&\u00e9 %',
      clientCredentials: true,
      fetch,
    });
    await exchange(auth, get(), accepting('t1'));
    expect(asked[0]?.headers.get('authorization')).toBe(`Basic ${btoa('a%3Ab:p%26%C3%A9+%25')}`);
  });

  it('puts the client into the body with clientAuth post', async () => {
    const { asked, fetch } = endpoint({ access_token: 't1' });
    const auth = oauth2({
      ...CLIENT,
      clientCredentials: true,
      clientAuth: 'post',
      params: { resource: 'urn:r' },
      fetch,
    });
    await exchange(auth, get(), accepting('t1'));
    expect(asked[0]?.headers.has('authorization')).toBe(false);
    expect(asked[0]?.form).toEqual({
      grant_type: 'client_credentials',
      client_id: 'app',
      client_secret: 's3cret',
      resource: 'urn:r',
    });
  });

  it('asks once for 200 refusals at once, and all 200 succeed', async () => {
    const { asked, fetch } = endpoint({ access_token: 't1' }, { access_token: 't2' });
    const auth = oauth2({ ...CLIENT, clientCredentials: true, fetch });
    await exchange(auth, get(), accepting('t1'));
    const replies = await Promise.all(
      Array.from({ length: 200 }, () => exchange(auth, get(), accepting('t2'))),
    );
    expect(replies.every(({ status }) => status === 200)).toBe(true);
    expect(asked).toHaveLength(2);
  });

  it.each<[unknown, number]>([
    [3600, 2],
    ['3600', 2],
    [undefined, 1],
    ['never', 1],
    [null, 1],
  ])('with expires_in %j asks %i times over an hour', async (expires_in, times) => {
    vi.useFakeTimers({ now: 0 });
    try {
      const { asked, fetch } = endpoint({ access_token: 't1', expires_in });
      const auth = oauth2({ ...CLIENT, clientCredentials: true, fetch });
      for (const now of [0, 3_589_999, 3_590_000]) {
        vi.setSystemTime(now);
        await exchange(auth, get(), accepting('t1'));
      }
      expect(asked).toHaveLength(times);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('oauth2 with a refresh token', () => {
  it('sends the grant of RFC 6749 6 and goes on with each rotated token', async () => {
    const { asked, fetch } = endpoint(
      { access_token: 't1', refresh_token: 'r2', scope: 'read' },
      { access_token: 't2', refresh_token: 'r3', expires_in: 60 },
      { access_token: 't3' },
      { access_token: 't4' },
    );
    const onTokens = vi.fn();
    const auth = oauth2({
      tokenUrl: TOKEN_URL,
      clientId: 'app',
      refreshToken: 'r1',
      token: 't0',
      onTokens,
      fetch,
    });
    await exchange(auth, get(), accepting('t0'));
    expect(asked).toHaveLength(0);
    for (const token of ['t1', 't2', 't3', 't4']) {
      expect((await exchange(auth, get(), accepting(token))).status).toBe(200);
    }
    expect(asked.map(({ form }) => form)).toEqual(
      ['r1', 'r2', 'r3', 'r3'].map((refresh_token) => ({
        grant_type: 'refresh_token',
        refresh_token,
        client_id: 'app',
      })),
    );
    expect(asked[0]?.headers.has('authorization')).toBe(false);
    expect(onTokens.mock.calls.slice(0, 2).map(([tokens]) => tokens)).toEqual([
      { accessToken: 't1', refreshToken: 'r2', scope: 'read', expiresAt: null },
      { accessToken: 't2', refreshToken: 'r3', scope: null, expiresAt: expect.any(Number) },
    ]);
  });

  it('keeps the rotated token when storing it fails', async () => {
    const { asked, fetch } = endpoint({ access_token: 't1', refresh_token: 'r2' }, { access_token: 't2' });
    const onTokens = vi.fn().mockRejectedValueOnce(new Error('disk full'));
    const auth = oauth2({ ...CLIENT, refreshToken: 'r1', onTokens, fetch });
    await expect(exchange(auth, get(), accepting('t2'))).rejects.toMatchObject({
      cause: { message: 'disk full' },
    });
    expect((await exchange(auth, get(), accepting('t2'))).status).toBe(200);
    expect(asked.map(({ form }) => form.refresh_token)).toEqual(['r1', 'r2']);
  });

  it('reads the refresh token from a function each time', async () => {
    const stored = ['r1'];
    const { asked, fetch } = endpoint({ access_token: 't1', refresh_token: 'r2' }, { access_token: 't2' });
    const auth = oauth2({
      ...CLIENT,
      refreshToken: async () => stored.at(-1) ?? '',
      onTokens: ({ refreshToken }) => void (refreshToken && stored.push(refreshToken)),
      fetch,
    });
    for (const token of ['t1', 't2']) await exchange(auth, get(), accepting(token));
    expect(asked.map(({ form }) => form.refresh_token)).toEqual(['r1', 'r2']);
  });
});

describe('a refusal of the token endpoint', () => {
  const refusal = (status: number, answer: unknown) =>
    new Response(typeof answer === 'string' ? answer : JSON.stringify(answer), { status });

  it.each<[string, Response | Record<string, unknown>, Partial<OAuth2Error>]>([
    [
      'of RFC 6749 5.2',
      refusal(400, { error: 'invalid_grant', error_description: 'expired' }),
      {
        status: 400,
        error: 'invalid_grant',
        errorDescription: 'expired',
        message: `POST ${TOKEN_URL}: answered 400, invalid_grant: expired`,
      },
    ],
    [
      'with a page',
      refusal(502, '<html>'),
      { status: 502, error: null, message: `POST ${TOKEN_URL}: answered 502, no token` },
    ],
    ['without a token', { ok: true }, { status: 200, error: null }],
    ['with a null', refusal(200, 'null'), { error: null }],
    [
      'with an error in a 200',
      { error: 'bad_verification_code' },
      { status: 200, error: 'bad_verification_code' },
    ],
    [
      'with another token type',
      { access_token: 't1', token_type: 'mac' },
      { error: 'unsupported_token_type' },
    ],
    [
      'with a redirect',
      new Response(null, { status: 307, headers: { location: 'https://evil.example/' } }),
      { status: 307 },
    ],
    [
      'that echoes the secret',
      refusal(401, { error: 'x s3cret', error_description: 'client s3cret\nsent r1' }),
      { error: 'x ***', errorDescription: 'client ***?sent ***' },
    ],
  ])('%s fails the call with OAuth2Error', async (_title, answer, expected) => {
    const { asked, fetch } = endpoint(answer);
    const auth = oauth2({ ...CLIENT, refreshToken: 'r1', fetch });
    const error = await exchange(auth, get(), accepting('t1')).catch((failure) => failure);
    expect(error).toBeInstanceOf(OAuth2Error);
    expect(error).toMatchObject({ name: 'OAuth2Error', code: 'ERR_OAUTH2', ...expected });
    expect(`${inspect(error, { depth: 10 })}${JSON.stringify(error)}`).not.toMatch(/s3cret|r1\b/);
    expect(asked).toHaveLength(1);
  });

  it('does not take a token from a polluted prototype', async () => {
    const { fetch } = endpoint({});
    const auth = oauth2({ ...CLIENT, clientCredentials: true, fetch });
    Object.defineProperty(Object.prototype, 'access_token', { value: 'evil', configurable: true });
    try {
      await expect(exchange(auth, get(), accepting('evil'))).rejects.toBeInstanceOf(OAuth2Error);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'access_token');
    }
  });

  it('wraps a network failure and keeps it as cause', async () => {
    const cause = new TypeError('fetch failed');
    const auth = oauth2({ ...CLIENT, clientCredentials: true, fetch: () => Promise.reject(cause) });
    await expect(exchange(auth, get(), accepting('t1'))).rejects.toMatchObject({ code: 'ERR_AUTH', cause });
  });
});

describe('oauth2 options', () => {
  const grant = { ...CLIENT, clientCredentials: true } as const;

  it.each([
    'https://id.example/t',
    'http://localhost:8080/t',
    'http://app.localhost/t',
    'http://127.0.0.9/t',
    'http://[::1]:9/t',
    new URL('https://id.example/t'),
  ])('takes the token endpoint %s', (tokenUrl) => {
    expect(() => oauth2({ ...grant, tokenUrl })).not.toThrow();
  });

  it.each<[Record<string, unknown>, RegExp]>([
    [
      { ...grant, tokenUrl: 'http://id.example/t' },
      /^oauth2 tokenUrl must be https, got http:\/\/id\.example$/,
    ],
    [{ ...grant, tokenUrl: 'http://localhost.evil.example/t' }, /must be https/],
    [{ ...grant, tokenUrl: 'http://127.0.0.1.evil.example/t' }, /must be https/],
    [{ ...grant, tokenUrl: 'ftp://localhost/t' }, /must be https/],
    [{ ...grant, tokenUrl: '/t' }, /^oauth2 tokenUrl must be an absolute URL$/],
    [{ ...grant, tokenUrl: 'https://u:p@id.example/t' }, /neither a fragment nor user information$/],
    [{ ...grant, tokenUrl: 'https://id.example/t#x' }, /neither a fragment nor user information$/],
    [{ ...grant, clientId: '' }, /^oauth2 clientId must be a non-empty string/],
    [{ ...grant, clientSecret: undefined }, /^oauth2 clientSecret must be a non-empty string/],
    [{ ...grant, clientAuth: 'jwt' }, /^oauth2 clientAuth must be basic or post, got jwt$/],
    [{ ...grant, refreshToken: 'r' }, /^oauth2 must have exactly one of/],
    [{ ...CLIENT }, /^oauth2 must have exactly one of/],
    [{ ...CLIENT, refreshToken: '' }, /^oauth2 refreshToken must be a non-empty string/],
    [{ ...grant, fetch: 'x' }, /^oauth2 fetch must be a function, got string$/],
    [{ ...grant, onTokens: {} }, /^oauth2 onTokens must be a function, got object$/],
  ])('refuses %j', (options, message) => {
    const act = () => oauth2(options as unknown as OAuth2Options);
    expect(act).toThrow(TypeError);
    expect(act).toThrow(message);
  });

  it('shows no secret when printed', () => {
    const auth = oauth2({ ...CLIENT, refreshToken: 'r1-secret', token: 'hunter2' });
    expect(inspect(auth, { depth: 10, showHidden: true })).not.toMatch(/s3cret|r1-secret|hunter2/);
  });
});
