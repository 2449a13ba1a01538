import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { exchange, type FakeServer, get, reply } from '../../test/auth/fake-exchange.ts';
import { AuthError } from './auth-error.ts';
import { type RefreshingOptions, refreshing } from './refreshing.ts';
import type { AccessToken } from './shared-token.ts';

/** A server that knows one token at a time, and notes the tokens it was sent. */
class TokenServer {
  valid: string | null;
  readonly seen: (string | undefined)[] = [];
  constructor(valid: string | null) {
    this.valid = valid;
  }
  readonly handle: FakeServer = async (request) => {
    const token = request.header('authorization')?.replace('Bearer ', '');
    this.seen.push(token);
    return reply(token === this.valid ? 200 : 401);
  };
}

/** A refresh that ends when the test says so. */
class Refreshes {
  readonly calls: { readonly previous: AccessToken | null; readonly signal: AbortSignal }[] = [];
  #settle: { resolve(token: string | AccessToken): void; reject(error: unknown): void } | null = null;
  readonly refresh: RefreshingOptions['refresh'] = (context) => {
    this.calls.push(context);
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  };
  async started(count: number): Promise<void> {
    await vi.waitUntil(() => this.calls.length >= count);
  }
  finish(token: string | AccessToken): void {
    this.#settle?.resolve(token);
  }
  fail(error: unknown): void {
    this.#settle?.reject(error);
  }
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await null;
};

describe('refreshing', () => {
  it('refreshes once for 200 refusals at once, and all 200 succeed', async () => {
    const server = new TokenServer('new');
    const refreshes = new Refreshes();
    const auth = refreshing({ token: 'old', refresh: refreshes.refresh });
    const calls = Array.from({ length: 200 }, () => exchange(auth, get(), server.handle));
    await refreshes.started(1);
    await vi.waitUntil(() => server.seen.length === 200);
    await turns(20);
    refreshes.finish('new');
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual(Array(200).fill(200));
    expect(refreshes.calls).toHaveLength(1);
    expect(refreshes.calls[0]?.previous?.token).toBe('old');
    expect(server.seen.filter((token) => token === 'old')).toHaveLength(200);
    expect(server.seen.filter((token) => token === 'new')).toHaveLength(200);
  });

  it('sends a request that was refused late again with the token fetched meanwhile, without another refresh', async () => {
    const server = new TokenServer('new');
    let count = 0;
    const auth = refreshing({ token: 'old', refresh: () => `new${++count > 1 ? count : ''}` });
    let answerLate = (): void => undefined;
    const late = exchange(auth, get(), async (request) => {
      const response = await server.handle(request);
      if (response.status === 401) await new Promise<void>((resolve) => (answerLate = resolve));
      return response;
    });
    await vi.waitUntil(() => server.seen.length === 1);
    expect((await exchange(auth, get(), server.handle)).status).toBe(200);
    answerLate();
    expect((await late).status).toBe(200);
    expect(count).toBe(1);
  });

  it('fails all 200 with one error when the refresh fails, and tries again for the next request', async () => {
    const server = new TokenServer('new');
    const refreshes = new Refreshes();
    const auth = refreshing({ token: 'old', refresh: refreshes.refresh });
    const cause = new Error('the token endpoint is down');
    const releases: (() => void)[] = [];
    // Half of the refusals come only after the refresh has failed.
    const calls = Array.from({ length: 200 }, (_, index) =>
      exchange(auth, get(), async (request) => {
        const response = await server.handle(request);
        if (index >= 100) await new Promise<void>((resolve) => releases.push(resolve));
        return response;
      }).catch((error) => error),
    );
    await refreshes.started(1);
    await vi.waitUntil(() => releases.length === 100);
    refreshes.fail(cause);
    await calls[0];
    for (const release of releases) release();
    const errors = new Set(await Promise.all(calls));
    expect(errors.size).toBe(1);
    const [error] = errors;
    expect(error).toBeInstanceOf(AuthError);
    expect(error).toMatchObject({ code: 'ERR_AUTH', retryable: false, cause });
    expect(refreshes.calls).toHaveLength(1);

    const next = exchange(auth, get(), server.handle);
    await refreshes.started(2);
    refreshes.finish('new');
    expect((await next).status).toBe(200);
  });

  it('gives a request that starts after the failure its own try when its refusal comes', async () => {
    const server = new TokenServer('new');
    const outcomes = [
      () => Promise.reject(new Error('first')),
      () => Promise.reject(new Error('second')),
      () => 'new',
    ];
    const auth = refreshing({ token: 'old', refresh: () => (outcomes.shift() as () => string)() });
    await expect(exchange(auth, get(), server.handle)).rejects.toMatchObject({ cause: { message: 'first' } });
    await expect(exchange(auth, get(), server.handle)).rejects.toMatchObject({
      cause: { message: 'second' },
    });
    expect((await exchange(auth, get(), server.handle)).status).toBe(200);
  });

  it('gives the response back when the new token is refused too', async () => {
    const server = new TokenServer(null);
    let count = 0;
    const auth = refreshing({ token: 'old', refresh: () => `new${++count}` });
    expect((await exchange(auth, get(), server.handle)).status).toBe(401);
    expect(server.seen).toEqual(['old', 'new1']);
    expect(count).toBe(1);
  });

  it('refreshes once when the token fetched by others meanwhile has expired as well', async () => {
    const server = new TokenServer('third');
    const tokens = ['second', 'third'];
    const auth = refreshing({ token: 'first', refresh: () => tokens.shift() ?? 'none' });
    let held = (): void => undefined;
    const slow = exchange(auth, get(), async (request) => {
      const response = await server.handle(request);
      if (server.seen.length === 1) await new Promise<void>((resolve) => (held = resolve));
      return response;
    });
    await vi.waitUntil(() => server.seen.length === 1);
    expect((await exchange(auth, get(), server.handle)).status).toBe(401);
    held();
    expect((await slow).status).toBe(200);
    expect(server.seen).toEqual(['first', 'first', 'second', 'second', 'third']);
  });

  it('does not hold an old failure against a request after a later refresh has succeeded', async () => {
    const server = new TokenServer('t3');
    const outcomes = [() => Promise.reject(new Error('down')), () => 't2', () => 't3'];
    const auth = refreshing({ token: 't1', refresh: () => (outcomes.shift() as () => string)() });
    let release = (): void => undefined;
    const slow = exchange(auth, get(), async (request) => {
      const response = await server.handle(request);
      if (server.seen.length === 1) await new Promise<void>((resolve) => (release = resolve));
      return response;
    });
    await vi.waitUntil(() => server.seen.length === 1);
    await expect(exchange(auth, get(), server.handle)).rejects.toBeInstanceOf(AuthError);
    expect((await exchange(auth, get(), server.handle)).status).toBe(401);
    release();
    expect((await slow).status).toBe(200);
    expect(server.seen.slice(-2)).toEqual(['t2', 't3']);
  });

  it('sends a message three times at most, however often others replace the token meanwhile', async () => {
    let count = 1;
    const auth = refreshing({ token: 't1', refresh: () => `t${++count}` });
    const seen: (string | undefined)[] = [];
    await exchange(auth, get(), async (request) => {
      seen.push(request.header('authorization'));
      await exchange(auth, get(), () => reply(401));
      return reply(401);
    });
    expect(seen).toHaveLength(3);
    expect(new Set(seen).size).toBe(3);
  });

  it('leaves no listener on the signal of a request that waited', async () => {
    const { signal } = new AbortController();
    const auth = refreshing({ refresh: async () => 'new' });
    await exchange(auth, get(undefined, { signal }), () => reply(200));
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('ends the wait of an aborted request alone', async () => {
    const server = new TokenServer('new');
    const refreshes = new Refreshes();
    const auth = refreshing({ token: 'old', refresh: refreshes.refresh });
    const controller = new AbortController();
    const aborted = exchange(auth, get(undefined, { signal: controller.signal }), server.handle);
    const patient = exchange(auth, get(undefined, { signal: new AbortController().signal }), server.handle);
    await refreshes.started(1);
    const reason = new Error('not needed any more');
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    expect(refreshes.calls[0]?.signal.aborted).toBe(false);
    refreshes.finish('new');
    expect((await patient).status).toBe(200);
    await expect(
      exchange(auth, get(undefined, { signal: controller.signal }), server.handle),
    ).resolves.toMatchObject({ status: 200 });
  });

  it('leaves no unhandled rejection when all who waited for a failing refresh are gone', async () => {
    const refreshes = new Refreshes();
    const auth = refreshing({ refresh: refreshes.refresh });
    const controller = new AbortController();
    const call = exchange(auth, get(undefined, { signal: controller.signal }), () => reply(200));
    await refreshes.started(1);
    controller.abort(new Error('gone'));
    await expect(call).rejects.toThrow('gone');
    const unhandled = vi.fn();
    process.once('unhandledRejection', unhandled);
    refreshes.fail(new Error('too late'));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('fetches the first token before anything is sent, once for all', async () => {
    const server = new TokenServer('first');
    let count = 0;
    const auth = refreshing({
      refresh: async ({ previous }) => {
        count += 1;
        expect(previous).toBeNull();
        return 'first';
      },
    });
    await Promise.all(Array.from({ length: 20 }, () => exchange(auth, get(), server.handle)));
    expect(count).toBe(1);
    expect(new Set(server.seen)).toEqual(new Set(['first']));
  });

  it('asks isExpired and attach of the caller', async () => {
    const seen: (string | undefined)[] = [];
    const auth = refreshing({
      token: 'old',
      refresh: () => 'new',
      isExpired: ({ status, headers }) => status === 403 && headers.get('x-reason') === 'expired',
      attach: (request, token) => request.withHeader('x-token', token),
    });
    const response = await exchange(auth, get(), (request) => {
      seen.push(request.header('x-token'));
      return seen.length === 1 ? reply(403, { 'x-reason': 'expired' }) : reply(401);
    });
    expect(seen).toEqual(['old', 'new']);
    expect(response.status).toBe(401);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['an empty token', ''],
    ['an end that is no number', { token: 'secret', expiresAt: 'soon' }],
  ])('fails when refresh gives %s', async (_title, given) => {
    const auth = refreshing({ refresh: (() => given) as RefreshingOptions['refresh'] });
    const error = await exchange(auth, get(), () => reply(200)).catch((failure) => failure);
    expect(error).toBeInstanceOf(AuthError);
    expect(error.cause).toBeInstanceOf(TypeError);
    expect(inspect(error)).not.toContain('secret');
  });

  describe('with a known end', () => {
    beforeEach(() => {
      vi.useFakeTimers({ now: 1_000_000 });
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    it('refreshes before sending once the token is within the skew of its end', async () => {
      const server = new TokenServer('t1');
      let count = 1;
      const auth = refreshing({
        token: { token: 't1', expiresAt: 1_060_000 },
        refresh: () => {
          server.valid = `t${++count}`;
          return { token: server.valid, expiresAt: Date.now() + 60_000 };
        },
      });
      const statusAt = async (now: number): Promise<number> => {
        vi.setSystemTime(now);
        return (await exchange(auth, get(), server.handle)).status;
      };
      expect(await statusAt(1_049_999)).toBe(200);
      expect(server.seen).toEqual(['t1']);
      expect(await statusAt(1_050_000)).toBe(200);
      expect(await statusAt(1_099_999)).toBe(200);
      expect(server.seen).toEqual(['t1', 't2', 't2']);
      expect(await statusAt(1_100_000)).toBe(200);
      expect(server.seen).toEqual(['t1', 't2', 't2', 't3']);
    });

    it('uses a token that lives no longer than the skew for half of its life', async () => {
      const server = new TokenServer('t');
      let count = 0;
      const auth = refreshing({
        refresh: () => {
          count += 1;
          return { token: 't', expiresAt: Date.now() + 8_000 };
        },
      });
      await exchange(auth, get(), server.handle);
      vi.setSystemTime(1_003_999);
      await exchange(auth, get(), server.handle);
      expect(count).toBe(1);
      vi.setSystemTime(1_004_000);
      await exchange(auth, get(), server.handle);
      expect(count).toBe(2);
    });

    it('fails all who wait when the refresh takes too long, aborts it, and drops its late token', async () => {
      const refreshes = new Refreshes();
      const server = new TokenServer('new');
      const auth = refreshing({ refresh: refreshes.refresh, timeout: 5_000 });
      const calls = [1, 2].map(() => exchange(auth, get(), server.handle).catch((error) => error));
      await vi.advanceTimersByTimeAsync(4_999);
      expect(refreshes.calls[0]?.signal.aborted).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      const [first, second] = await Promise.all(calls);
      expect(first).toBeInstanceOf(AuthError);
      expect(first.message).toBe('the token was not refreshed within 5000 ms');
      expect(second).toBe(first);
      expect(refreshes.calls[0]?.signal.reason).toBe(first);
      refreshes.finish('late');
      const next = exchange(auth, get(), server.handle);
      await vi.advanceTimersByTimeAsync(0);
      refreshes.finish('new');
      expect((await next).status).toBe(200);
      expect(server.seen).toEqual(['new']);
      expect(vi.getTimerCount()).toBe(0);
    });
  });

  describe('with stored tokens and a lock', () => {
    /** Two tabs with one storage and one lock. */
    const makeTabs = () => {
      const storage = { token: 'old' };
      const held: Promise<unknown>[] = [Promise.resolve()];
      const names: string[] = [];
      const lock = <T>(name: string, run: () => Promise<T>): Promise<T> => {
        names.push(name);
        const turn = (held.at(-1) as Promise<unknown>).then(run);
        held.push(turn.catch(() => null));
        return turn;
      };
      let count = 0;
      const makeTab = () =>
        refreshing({
          token: async () => storage.token,
          refresh: async ({ previous }) => {
            expect(previous?.token).toBe(storage.token);
            storage.token = `new${++count}`;
            return storage.token;
          },
          lock,
        });
      return { tabs: [makeTab(), makeTab()], storage, names, refreshes: () => count };
    };

    it('takes the token that another tab refreshed while it waited for the lock', async () => {
      const { tabs, names, refreshes } = makeTabs();
      const server = new TokenServer('new1');
      const calls = tabs.flatMap((tab) =>
        Array.from({ length: 50 }, () => exchange(tab, get(), server.handle)),
      );
      expect(new Set((await Promise.all(calls)).map(({ status }) => status))).toEqual(new Set([200]));
      expect(refreshes()).toBe(1);
      expect(new Set(names)).toEqual(new Set(['httpsession-refresh']));
    });

    it('reads the stored token once and keeps it while it is good', async () => {
      const load = vi.fn(async () => ({ token: 'stored' }));
      const auth = refreshing({ token: load, refresh: () => 'never' });
      const server = new TokenServer('stored');
      for (let turn = 0; turn < 3; turn += 1) await exchange(auth, get(), server.handle);
      expect(load).toHaveBeenCalledTimes(1);
      expect(server.seen).toEqual(['stored', 'stored', 'stored']);
    });

    it('fails and recovers when the lock fails', async () => {
      let broken = true;
      const auth = refreshing({
        refresh: () => 'new',
        lock: (_name, run) => {
          if (broken) throw new Error('no lock');
          return run();
        },
        lockName: 'mine',
      });
      await expect(exchange(auth, get(), () => reply(200))).rejects.toMatchObject({
        cause: { message: 'no lock' },
      });
      broken = false;
      expect((await exchange(auth, get(), () => reply(200))).status).toBe(200);
    });
  });

  it('does not show its token when printed', async () => {
    const auth = refreshing({ token: 'hunter2', refresh: () => 'x' });
    expect(inspect(auth, { depth: 10, showHidden: true })).not.toContain('hunter2');
  });

  it.each<[unknown, RegExp]>([
    [{}, /^refreshing refresh must be a function, got undefined$/],
    [{ refresh: () => 'x', skew: -1 }, /^refreshing skew must be 0 or more milliseconds, got -1$/],
    [{ refresh: () => 'x', timeout: Number.NaN }, /^refreshing timeout must be/],
    [{ refresh: () => 'x', token: '' }, /^refreshing token must give a token/],
    [{ refresh: () => 'x', token: { token: 7 } }, /^refreshing token must give a token/],
  ])('refuses %o', (options, message) => {
    expect(() => refreshing(options as RefreshingOptions)).toThrow(TypeError);
    expect(() => refreshing(options as RefreshingOptions)).toThrow(message);
  });
});
