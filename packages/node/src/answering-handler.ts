import type { Dispatcher } from 'undici/index.js';

/** Takes the challenges of a 407; returns how to send the request again, or nothing to let the 407 through. */
export type AnswerChallenge = (proxyAuthenticate: readonly string[]) => (() => void) | undefined;

/**
 * A handler that sees everything but the 407 whose challenge is answered: its page is read and dropped, then the
 * request is sent again. Speaks to the given handler in the style it has, undici's present or former one.
 */
export const answeringHandler = (
  handler: Dispatcher.DispatchHandler,
  answer: AnswerChallenge,
): Dispatcher.DispatchHandler =>
  handler.onRequestStart === undefined
    ? new FormerAnsweringHandler(handler, answer)
    : new AnsweringHandler(handler, answer);

// A 407 explains itself in a page. What is longer costs the connection instead of being read.
const MAX_PAGE = 65_536;

/** Counts the dropped page, and says when it is too long. */
class DroppedPage {
  readonly resend: () => void;
  /** Whether it was cut off: then the error that follows is ours. */
  cut = false;
  #length = 0;

  constructor(resend: () => void) {
    this.resend = resend;
  }

  isTooLong(chunk: Uint8Array): boolean {
    this.#length += chunk.length;
    this.cut = this.#length > MAX_PAGE;
    return this.cut;
  }
}

class AnsweringHandler implements Dispatcher.DispatchHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #answer: AnswerChallenge;
  #page: DroppedPage | undefined;

  constructor(handler: Dispatcher.DispatchHandler, answer: AnswerChallenge) {
    this.#handler = handler;
    this.#answer = answer;
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    this.#handler.onRequestStart?.(controller, context);
  }

  onRequestUpgrade(...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onRequestUpgrade']>>): void {
    this.#handler.onRequestUpgrade?.(...args);
  }

  onResponseStart(...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>): void {
    const [, statusCode, headers] = args;
    const resend =
      statusCode === 407 ? this.#answer([headers['proxy-authenticate'] ?? []].flat()) : undefined;
    if (resend === undefined) this.#handler.onResponseStart?.(...args);
    else this.#page = new DroppedPage(resend);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#page === undefined) this.#handler.onResponseData?.(controller, chunk);
    else if (this.#page.isTooLong(chunk)) controller.abort(new Error('the page of a 407 is too long'));
  }

  onResponseEnd(...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseEnd']>>): void {
    if (this.#page === undefined) this.#handler.onResponseEnd?.(...args);
    else this.#page.resend();
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#page?.cut) this.#page.resend();
    else this.#handler.onResponseError?.(controller, error);
  }
}

/** The same for handlers of undici's former style, which `request()` and `stream()` still have. */
class FormerAnsweringHandler implements Dispatcher.DispatchHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #answer: AnswerChallenge;
  #page: DroppedPage | undefined;
  #abort: (error?: Error) => void = () => undefined;

  constructor(handler: Dispatcher.DispatchHandler, answer: AnswerChallenge) {
    this.#handler = handler;
    this.#answer = answer;
  }

  onConnect(abort: (error?: Error) => void, ...rest: []): void {
    this.#abort = abort;
    this.#handler.onConnect?.(abort, ...rest);
  }

  onUpgrade(...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onUpgrade']>>): void {
    this.#handler.onUpgrade?.(...args);
  }

  onBodySent(...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onBodySent']>>): void {
    this.#handler.onBodySent?.(...args);
  }

  onResponseStarted(): void {
    this.#handler.onResponseStarted?.();
  }

  onHeaders(...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onHeaders']>>): boolean {
    const [statusCode, rawHeaders] = args;
    const resend = statusCode === 407 ? this.#answer(valuesOf(rawHeaders, 'proxy-authenticate')) : undefined;
    if (resend === undefined) return this.#handler.onHeaders?.(...args) ?? true;
    this.#page = new DroppedPage(resend);
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#page === undefined) return this.#handler.onData?.(chunk) ?? true;
    if (this.#page.isTooLong(chunk)) this.#abort(new Error('the page of a 407 is too long'));
    return true;
  }

  onComplete(trailers: string[] | null): void {
    if (this.#page === undefined) this.#handler.onComplete?.(trailers);
    else this.#page.resend();
  }

  onError(error: Error): void {
    if (this.#page?.cut) this.#page.resend();
    else this.#handler.onError?.(error);
  }
}

const valuesOf = (rawHeaders: readonly Buffer[], name: string): readonly string[] =>
  rawHeaders.flatMap((text, index) =>
    index % 2 === 0 && text.toString('latin1').toLowerCase() === name
      ? [(rawHeaders[index + 1] ?? '').toString('latin1')]
      : [],
  );
