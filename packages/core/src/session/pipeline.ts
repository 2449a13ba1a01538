import { authenticate } from '../auth/authenticate.ts';
import { answerHooks, callHooks, exchangeHooks } from '../hooks/run-hooks.ts';
import { compose, type Middleware, type Next } from '../middleware.ts';
import { followRedirects } from '../redirect/follow-redirects.ts';
import { retry } from '../retry/retry.ts';
import { attemptTimeout } from '../timeout/attempt-timeout.ts';

/** What a session adds to the built-in layers. */
export interface PipelineParts {
  readonly callMiddlewares: readonly Middleware[];
  readonly exchangeMiddlewares: readonly Middleware[];
  readonly cookies: Middleware;
  readonly send: Next;
}

/** The two ways into the layers. */
export interface Pipeline {
  /** For a call. */
  readonly whole: Next;
  /**
   * For what a call asks for again, because the body broke. `beforeRequest` and the call middlewares have had their say, and what they
   * add was meant for the first hop: a later one may be at another origin.
   */
  readonly again: Next;
}

/**
 * Every layer a request passes, outermost first. Read this before anything else.
 *
 * Composed once per session and again after `use()`. An idle layer returns `next(request)` and costs nothing.
 */
export const buildPipeline = ({
  callMiddlewares,
  exchangeMiddlewares,
  cookies,
  send,
}: PipelineParts): Pipeline => {
  const hops = compose(
    [
      followRedirects, //      one turn per hop; outside retry, so POST -> 303 -> GET 503 repeats only the GET
      retry, //                one turn per attempt; one budget for all hops of the call
      attemptTimeout, //       inside retry: a slow attempt may be repeated; the total deadline is outside everything
      authenticate, //         every attempt is signed afresh (Digest nc, SigV4 date); only for the credential's own origin
      cookies, //              on every message: cookies of a 302, 401 or retried 503 are kept and sent
      ...exchangeMiddlewares, // once per message that leaves, exactly as it will be sent
      exchangeHooks, //        afterExchange sees each response as it came
    ],
    send, //                   picks the transport by mount: connect, headers and idle limits, proxies, TLS, decompression
  );
  return {
    whole: compose(
      [
        callHooks, //          once per call, with the request as the caller meant it
        ...callMiddlewares, // once per call: may answer without sending, or send several times
      ],
      hops,
    ),
    again: compose([answerHooks], hops),
  };
};
