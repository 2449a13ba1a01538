import {
  type Jar,
  type Middleware,
  type Next,
  type PreparedRequest,
  type SessionResponse,
  withCookieHeader,
} from '@httpsession/core';
import fetchCookie from 'fetch-cookie';
import { CookieJar } from './cookie-jar.ts';
import { defaultLimits } from './cookie-limits.ts';
import { ToughBackedJar } from './tough-backed-jar.ts';

/**
 * The cookie layer of a session: fetch-cookie, one message at a time.
 *
 * fetch-cookie asks the jar for the `Cookie` of each message and gives it every `Set-Cookie` that comes back, in order. Its own redirect loop
 * never runs (`redirect: 'manual'`). Our own jar knows the header at once: there, fetch-cookie is entered only with a response that sets
 * cookies. Cookies of the call and the caller's own `Cookie` header are merged in behind it. Messages to other schemes than http and https
 * carry no cookies of the jar.
 */
export const cookieMiddleware = (jar: Jar): Middleware => {
  const store = storeOf(jar);
  const limit = jar instanceof CookieJar ? jar.limits.perResponse : defaultLimits.perResponse;
  const answerOf = (response: SessionResponse): Answer =>
    response.headers.getAll('set-cookie').length > limit ? new ShortenedAnswer(response, limit) : response;
  // A jar over tough-cookie's may have a store that answers later.
  const own = jar instanceof CookieJar && !(jar instanceof ToughBackedJar) ? jar : null;
  // Once per pipeline, not per request: `next` stays the same until the session gets another middleware.
  const decorated = new WeakMap<Next, CookieFetch>();
  const decorate = (next: Next): CookieFetch => {
    const fetch = fetchCookie<string, CarriedInit, Answer>((_input, init) => {
      const carried = init as CarriedInit; // fetch-cookie passes on a copy of what it was given
      const { message } = carried;
      if (message.response !== null) return Promise.resolve(answerOf(message.response));
      // Own: a polluted Object.prototype.cookie is no cookie of anybody's.
      const fromJar = Object.hasOwn(carried.headers, 'cookie') ? carried.headers.cookie : '';
      return next(withCookieHeader(message.request, fromJar ?? '')).then((response) => {
        message.response = response;
        return answerOf(response);
      });
    }, store);
    decorated.set(next, fetch);
    return fetch;
  };
  const throughFetchCookie = (next: Next, message: Message): Promise<SessionResponse> =>
    (decorated.get(next) ?? decorate(next))(message.request.url, {
      headers: noHeaders,
      redirect: 'manual',
      message,
    }).then(responseIn, (error) => {
      // The jar failed on its cookies: nobody will read it.
      message.response?.abandon(error);
      throw error;
    });
  return (request, next) => {
    const { protocol } = request.target;
    if (protocol !== 'https:' && protocol !== 'http:') return next(withCookieHeader(request, ''));
    if (own === null) return throughFetchCookie(next, { request, response: null });
    // Around a message that sets nothing, fetch-cookie costs 3 us: as much as all other layers together.
    return next(withCookieHeader(request, own.headerFor(request.target))).then((response) =>
      response.headers.getAll('set-cookie').length === 0
        ? response
        : throughFetchCookie(next, { request, response }),
    );
  };
};

/** What travels through fetch-cookie. It sees no headers: what it adds is laid over the request's own. */
interface CarriedInit {
  readonly headers: Readonly<Record<string, string>>;
  readonly redirect: 'manual';
  readonly message: Message;
}

/** A message. Where its response is there already, only what that sets is to be stored. */
interface Message {
  readonly request: PreparedRequest;
  response: SessionResponse | null;
}

type Answer = SessionResponse | ShortenedAnswer;
type CookieFetch = (input: string, init: CarriedInit) => Promise<Answer>;

const noHeaders: Readonly<Record<string, string>> = Object.freeze({});

/** fetch-cookie's view of a jar: it awaits what it gets, so that ours may answer at once and tough-cookie's later. */
const storeOf = (jar: Jar): NonNullable<Parameters<typeof fetchCookie>[1]> => {
  if (jar instanceof ToughBackedJar) return jar.tough;
  const own: unknown =
    jar instanceof CookieJar
      ? jar
      : {
          getCookieString: (url: string) => jar.getCookieString(url),
          setCookie: (line: string, url: string) => jar.setFromResponse([line], url),
        };
  return own as NonNullable<Parameters<typeof fetchCookie>[1]>;
};

const responseIn = (answer: Answer): SessionResponse =>
  answer instanceof ShortenedAnswer ? answer.response : answer;

/** A response with more `Set-Cookie` lines than a jar takes of one (a memory attack), as fetch-cookie may see it. */
class ShortenedAnswer {
  readonly response: SessionResponse;
  readonly url: string;
  readonly status: number;
  readonly headers: {
    get(name: string): string | null;
    has(name: string): boolean;
    getAll(name: string): readonly string[];
  };

  constructor(response: SessionResponse, limit: number) {
    this.response = response;
    this.url = response.url;
    this.status = response.status;
    this.headers = {
      get: (name) => response.headers.get(name),
      has: (name) => response.headers.has(name),
      getAll: (name) => response.headers.getAll(name).slice(0, limit),
    };
  }
}
