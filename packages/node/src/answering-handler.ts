import type { Dispatcher } from 'undici/index.js';

/** Takes the challenges of a 407; returns how to send the request again, or nothing to let the 407 through. */
export type AnswerChallenge = (proxyAuthenticate: readonly string[]) => (() => void) | undefined;

// A 407 explains itself in a page. What is longer costs the connection instead of being read.
const maxPage = 65_536;

/**
 * A handler that sees everything but the 407 whose challenge is answered: its page is read and dropped, then the request is sent again.
 *
 * Speaks the style of handler that undici's client uses itself, as `Exchange` does.
 */
export class AnsweringHandler implements Dispatcher.DispatchHandler {
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #answer: AnswerChallenge;
  #resend: (() => void) | undefined;
  #dropped = 0;
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

  onRequestSent(): void {
    (this.#handler as { onRequestSent?(): void }).onRequestSent?.(); // missing in undici's types
  }

  onResponseStarted(): void {
    this.#handler.onResponseStarted?.();
  }

  onHeaders(...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onHeaders']>>): boolean {
    const [statusCode, rawHeaders] = args;
    if (statusCode === 407) this.#resend = this.#answer(valuesOf(rawHeaders, 'proxy-authenticate'));
    return this.#resend === undefined ? (this.#handler.onHeaders?.(...args) ?? true) : true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#resend === undefined) return this.#handler.onData?.(chunk) ?? true;
    this.#dropped += chunk.length;
    if (this.#dropped > maxPage) this.#abort(new Error('the page of a 407 is too long'));
    return true;
  }

  onComplete(trailers: string[] | null): void {
    if (this.#resend === undefined) this.#handler.onComplete?.(trailers);
    else this.#resend();
  }

  onError(error: Error): void {
    // Cut off by us: the answer to the challenge goes out on another connection.
    if (this.#resend !== undefined && this.#dropped > maxPage) this.#resend();
    else this.#handler.onError?.(error);
  }
}

const valuesOf = (rawHeaders: readonly Buffer[], name: string): readonly string[] =>
  rawHeaders.flatMap((text, index) =>
    index % 2 === 0 && text.toString('latin1').toLowerCase() === name
      ? [(rawHeaders[index + 1] ?? '').toString('latin1')]
      : [],
  );
