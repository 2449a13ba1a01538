import { describe, expect, it, vi } from 'vitest';
import { SessionClosedError } from '../errors.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import type { SessionResponse } from '../response/session-response.ts';
import { CancelScope } from '../timeout/cancel-scope.ts';
import { LazyTransport } from './lazy-transport.ts';
import type { Transport } from './transport.ts';

const answer = {} as SessionResponse;
const requestIn = (scope: CancelScope = new CancelScope()): PreparedRequest =>
  ({
    method: 'GET',
    url: 'http://a.test/',
    attempts: 0,
    maxAttempts: 1,
    scope,
  }) as unknown as PreparedRequest;

const made = (): Transport & {
  readonly send: ReturnType<typeof vi.fn<Transport['send']>>;
  readonly close: ReturnType<typeof vi.fn<Transport['close']>>;
} => ({
  name: 'made',
  capabilities: {} as Transport['capabilities'],
  send: vi.fn<Transport['send']>(async () => answer),
  close: vi.fn<Transport['close']>(async () => undefined),
  stats: () => ({ sockets: 2, pending: 1, queued: 0, unreadBodies: 0 }),
});

describe('a lazy transport', () => {
  it('is made once, for the first request of several', async () => {
    const transport = made();
    const make = vi.fn(async () => transport);
    const lazy = new LazyTransport(make);
    expect(make).not.toHaveBeenCalled();
    expect(lazy.stats().sockets).toBe(0);
    const requests = [requestIn(), requestIn(), requestIn()];
    expect(await Promise.all(requests.slice(0, 2).map((one) => lazy.send(one)))).toEqual([answer, answer]);
    await lazy.send(requests[2] ?? requestIn());
    expect(make).toHaveBeenCalledTimes(1);
    expect(transport.send.mock.calls.flat()).toEqual(requests);
    expect(lazy.stats().sockets).toBe(2);
  });

  it('fails the requests that wait when it cannot be made, and is made again for the next', async () => {
    const failure = new Error('no such module');
    const transport = made();
    const make = vi.fn(async () => transport).mockRejectedValueOnce(failure);
    const lazy = new LazyTransport(make);
    const outcomes = await Promise.allSettled([lazy.send(requestIn()), lazy.send(requestIn())]);
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason)).toEqual([
      failure,
      failure,
    ]);
    expect(await lazy.send(requestIn())).toBe(answer);
  });

  it('lets an aborted request go while it is being made, and does not send it', async () => {
    const transport = made();
    let finish: (transport: Transport) => void = () => undefined;
    const lazy = new LazyTransport(() => new Promise((resolve) => (finish = resolve)));
    const [scope, reason] = [new CancelScope(), new Error('enough')];
    const early = lazy.send(requestIn(scope));
    const patient = lazy.send(requestIn());
    scope.cancel(reason);
    await expect(early).rejects.toBe(reason);
    await expect(lazy.send(requestIn(scope))).rejects.toBe(reason);
    finish(transport);
    expect(await patient).toBe(answer);
    expect(transport.send).toHaveBeenCalledTimes(1);
  });

  it('waits without an AbortSignal, which nobody asked for, and leaves no listener behind', async () => {
    const [scope, signal] = [new CancelScope(), vi.spyOn(CancelScope.prototype, 'signal', 'get')];
    const [subscribe, unsubscribe] = [vi.spyOn(scope, 'subscribe'), vi.spyOn(scope, 'unsubscribe')];
    await new LazyTransport(async () => made()).send(requestIn(scope));
    expect(signal).not.toHaveBeenCalled();
    signal.mockRestore();
    expect(subscribe.mock.calls).toHaveLength(1);
    expect(unsubscribe.mock.calls).toEqual(subscribe.mock.calls);
  });

  it('is closed when it is there, and refuses what waited and what comes later', async () => {
    const transport = made();
    let finish: (transport: Transport) => void = () => undefined;
    const lazy = new LazyTransport(() => new Promise((resolve) => (finish = resolve)));
    const waiting = lazy.send(requestIn());
    const closing = lazy.close();
    finish(transport);
    await expect(waiting).rejects.toBeInstanceOf(SessionClosedError);
    await closing;
    expect(transport.close).toHaveBeenCalledTimes(1);
    expect(transport.send).not.toHaveBeenCalled();
    await expect(lazy.send(requestIn())).rejects.toBeInstanceOf(SessionClosedError);
  });

  it('is not made to be closed', async () => {
    const make = vi.fn(async () => made());
    await new LazyTransport(make).close();
    expect(make).not.toHaveBeenCalled();
  });
});
