import {
  type CallOptions,
  type HooksInit,
  HTTPError,
  type Middleware,
  type PreparedRequest,
  type ResponsePromise,
  type Session,
  SessionError,
  type SessionOptions,
  type SessionResponse,
  TimeoutError,
  type Transport,
} from '@httpsession/core';
import * as v from 'valibot';
import { describe, expectTypeOf, it } from 'vitest';

declare const session: Session;
declare const response: SessionResponse;

describe('json', () => {
  it('is unknown unless a type or a schema says more', () => {
    expectTypeOf(session.get('/').json()).toEqualTypeOf<Promise<unknown>>();
    expectTypeOf(session.get('/').json<{ id: number }>()).toEqualTypeOf<Promise<{ id: number }>>();
    expectTypeOf(response.json<string[]>()).toEqualTypeOf<Promise<string[]>>();
  });

  it('has the output type of a schema', () => {
    const Item = v.object({ id: v.pipe(v.string(), v.transform(Number)) });
    expectTypeOf(session.get('/').json(Item)).toEqualTypeOf<Promise<{ id: number }>>();
    expectTypeOf(response.json(Item)).toEqualTypeOf<Promise<{ id: number }>>();
  });
});

describe('what stands in for WHATWG types', () => {
  it('is assignable to them', () => {
    expectTypeOf(session.fetch).toExtend<typeof fetch>();
    expectTypeOf(response).toExtend<Response>();
    expectTypeOf(response.headers).toExtend<Headers>();
    expectTypeOf(session.headers).toEqualTypeOf<Headers>();
    expectTypeOf(session.params).toEqualTypeOf<URLSearchParams>();
    expectTypeOf(session).toExtend<AsyncDisposable>();
    expectTypeOf(response).toExtend<AsyncDisposable>();
  });
});

describe('the promise of a response', () => {
  it('is a promise with shortcuts', () => {
    expectTypeOf(session.get('/')).toEqualTypeOf<ResponsePromise>();
    expectTypeOf(session.get('/')).toExtend<Promise<SessionResponse>>();
    expectTypeOf<Awaited<ResponsePromise>>().toEqualTypeOf<SessionResponse>();
    expectTypeOf(session.get('/').text()).toEqualTypeOf<Promise<string>>();
    expectTypeOf(session.get('/').catch(() => 5)).toEqualTypeOf<Promise<SessionResponse | number>>();
  });
});

describe('options', () => {
  it('take undefined and null where they mean something', () => {
    expectTypeOf<{ headers: { a: string; b: null; c: undefined; d: number } }>().toExtend<CallOptions>();
    expectTypeOf<{
      headers: null;
      params: null;
      auth: null;
      cookies: null;
      timeout: null;
      retry: null;
      hooks: null;
    }>().toExtend<CallOptions>();
    expectTypeOf<{ headers: undefined; json: undefined; signal: undefined }>().toExtend<CallOptions>();
    expectTypeOf<{ auth: readonly [string, string]; cookies: false }>().toExtend<SessionOptions>();
    expectTypeOf<{ cookies: { a: string } }>().toExtend<SessionOptions>();
  });

  it('refuse what does not exist, and what is of another type', () => {
    // @ts-expect-error: an option of requests
    void session.get('/', { verify: false });
    // @ts-expect-error: an option of the session
    void session.get('/', { origins: [] });
    // @ts-expect-error: limits are numbers
    void session.get('/', { timeout: '5s' });
    // @ts-expect-error: no such member
    void session.get('/', { retry: { total: 5 } });
    // @ts-expect-error: a password is missing
    void session.get('/', { auth: ['user'] });
    // @ts-expect-error: a header is no object
    void session.get('/', { headers: { a: {} } });
    // @ts-expect-error: belongs to prepare()
    void session.send(session.prepare('GET', '/'), { headers: {} });
    // @ts-expect-error: no such stage
    session.use((request, next) => next(request), 'wire');
    // @ts-expect-error: fetchTransport() makes a transport of it
    session.mount('mock://', fetch);
  });
});

describe('hooks and middlewares', () => {
  it('know what they get and what they may return', () => {
    const hooks: HooksInit = {
      beforeRequest: (request) => {
        expectTypeOf(request).toEqualTypeOf<PreparedRequest>();
      },
      afterResponse: [
        async (given, request) => {
          expectTypeOf(given).toEqualTypeOf<SessionResponse>();
          expectTypeOf(request).toEqualTypeOf<PreparedRequest>();
          return given;
        },
      ],
      beforeRedirect: () => false,
      beforeRetry: ({ error, response: failed }, attempt) => {
        expectTypeOf(failed).toEqualTypeOf<SessionResponse | undefined>();
        expectTypeOf(attempt).toEqualTypeOf<number>();
        void error;
        return false;
      },
      beforeError: (error) => {
        expectTypeOf(error).toEqualTypeOf<SessionError>();
        return new Error('other');
      },
    };
    // @ts-expect-error: false stops redirects and retries, not requests
    const wrong: HooksInit = { beforeRequest: () => false };
    void [hooks, wrong];
    expectTypeOf<Middleware>().parameters.toEqualTypeOf<
      [request: PreparedRequest, next: (request: PreparedRequest) => Promise<SessionResponse>]
    >();
    expectTypeOf(session.use).returns.toExtend<Session>();
    expectTypeOf<Transport['send']>().toExtend<(request: PreparedRequest) => Promise<SessionResponse>>();
  });
});

describe('errors', () => {
  it('are told apart by is(), each class for itself', () => {
    const error: unknown = new Error();
    if (SessionError.is(error)) expectTypeOf(error).toEqualTypeOf<SessionError>();
    if (TimeoutError.is(error)) expectTypeOf(error.phase).toEqualTypeOf<TimeoutError['phase']>();
    if (HTTPError.is(error)) expectTypeOf(error.response).toEqualTypeOf<SessionResponse>();
  });
});
