import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  BodyError,
  type Call,
  ConnectionError,
  type DownloadOptions,
  type DownloadResult,
  HTTPError,
  IncompleteBodyError,
  knownOptions,
  type RetryKind,
  readSignal,
  SessionError,
  type SessionResponse,
  TimeoutError,
} from '@httpsession/core';
import { PartialFile, type Version } from './partial-file.ts';
import { continuationOf, validatorOf } from './range-response.ts';

/**
 * Writes a body to a file, whole or not at all: into a file beside it, on to the disk, then renamed. Holds no more than a chunk in memory.
 *
 * A body that breaks off is continued by `Range` and `If-Range`, or fetched anew where the server tells no version apart, as often as the
 * retry policy allows. With `resume`, what a failed download has left in `<path>.part` is continued by the next one, even of a later process.
 *
 * @throws {TypeError} for a wrong argument, or a body that was used before
 */
export const download = async (
  response: SessionResponse,
  path: string,
  options: DownloadOptions = {},
): Promise<DownloadResult> => {
  const { resume, signal } = checkedArguments(response, path, options);
  const target = resolve(path);
  if (underway.has(target)) throw new Error(`download: ${target} is being written by another download`);
  underway.add(target);
  try {
    const file = await PartialFile.open(target, resume);
    try {
      const resumedFrom = await new Download(response, file, signal).run();
      await file.commit();
      return { path, size: file.position, resumedFrom };
    } catch (error) {
      await file.abandon();
      throw error;
    }
  } catch (error) {
    response.abandon(error);
    throw error;
  } finally {
    underway.delete(target);
  }
};

const underway = new Set<string>();

const checkedArguments = (response: SessionResponse, path: unknown, options: DownloadOptions) => {
  if (typeof path !== 'string' || path === '') {
    throw new TypeError(`download: path must be a non-empty string, got ${path === '' ? '""' : typeof path}`);
  }
  const { resume = false, signal } = knownOptions('download', options, { resume: true, signal: true });
  if (typeof resume !== 'boolean')
    throw new TypeError(`download: resume must be true or false, got ${typeof resume}`);
  if (response.bodyUsed) throw new TypeError('download: the body has been used already');
  return { resume, signal: readSignal(signal) };
};

/** One download: the response at hand, and those that continue it. */
class Download {
  readonly #first: SessionResponse;
  readonly #file: PartialFile;
  readonly #signal: AbortSignal | null;
  /** Hears what ends the download, for as long as it takes: the call of a response ends with its body. */
  readonly #call: Call;
  readonly #retries: RetryKind[] = [];
  #version: Version | null = null;
  #total: number | null = null;
  /** Whether what was there at the start is still in use. */
  #resumed = true;

  constructor(first: SessionResponse, file: PartialFile, signal: AbortSignal | null) {
    this.#first = first;
    this.#file = file;
    this.#signal = signal;
    const { call } = first.request;
    // Without a deadline: each request for the rest has what is left of it.
    this.#call = call.renewed(call.session, Number.POSITIVE_INFINITY, undefined);
  }

  /** @returns the bytes that were there before */
  async run(): Promise<number> {
    this.#signal?.throwIfAborted();
    const stop = (): void => this.#call.cancelled(this.#signal?.reason);
    this.#signal?.addEventListener('abort', stop, { once: true });
    this.#call.begin(this.#first.request);
    try {
      return await this.#fetch();
    } finally {
      this.#call.end();
      this.#signal?.removeEventListener('abort', stop);
    }
  }

  async #fetch(): Promise<number> {
    let response: SessionResponse | null = this.#first;
    this.#describe(response);
    const resumedFrom = this.#version === null ? 0 : await this.#file.continue(this.#version);
    // More than there is of it cannot be the beginning of it.
    const isUsable = resumedFrom > 0 && (this.#total === null || resumedFrom <= this.#total);
    if (!isUsable) await this.#file.restart(this.#version);
    else {
      response.abandon();
      response = resumedFrom === this.#total ? null : await this.#persist(() => this.#continued());
    }
    while (response !== null) {
      const source: SessionResponse = response;
      response = await this.#persist(async (isFirst) => {
        if (!isFirst) return this.#continued();
        await this.#copy(source);
        return null;
      });
    }
    return isUsable && this.#resumed ? resumedFrom : 0;
  }

  /** Does it, and after a break that may be repaired does it again, as long as the retry policy allows. */
  async #persist<T>(attempt: (isFirst: boolean) => Promise<T>): Promise<T> {
    for (let isFirst = true; ; isFirst = false) {
      try {
        return await attempt(isFirst);
      } catch (error) {
        await this.#wait(error);
      }
    }
  }

  async #wait(error: unknown): Promise<void> {
    const { scope } = this.#call;
    scope.throwIfCancelled();
    const { request } = this.#first;
    if (!(error instanceof SessionError) || !isBreak(error) || request.method !== 'GET') throw error;
    if (!this.#first.repeatable || request.headers.has('range')) throw error;
    const outcome = { request, error, attempt: this.#retries.length + 1 };
    const delay = request.options.retry.delayAfter(outcome, 'read', this.#retries, Date.now());
    if (delay === null || delay > request.call.timeLeft()) throw error;
    this.#retries.push('read');
    await sleep(delay, undefined, { signal: scope.signal }).catch(() => scope.throwIfCancelled());
  }

  /** The response that goes on where the file ends; `null` when nothing is missing. */
  async #continued(): Promise<SessionResponse | null> {
    const position = this.#file.position;
    const version = this.#version;
    if (version === null || position === 0) return this.#anew();
    const response = await this.#send({ range: `bytes=${position}-`, 'if-range': version.validator });
    const continuation = continuationOf(response, position, version, this.#total);
    switch (continuation.kind) {
      case 'append':
        this.#total = continuation.total;
        return response;
      case 'complete':
        response.abandon();
        return null;
      case 'whole':
        return this.#begin(response);
      case 'useless':
        response.abandon();
        return this.#anew();
      case 'refused':
        throw new HTTPError(response);
    }
  }

  async #anew(): Promise<SessionResponse> {
    const response = await this.#send({});
    if (response.status === this.#first.status) return this.#begin(response);
    throw new HTTPError(response);
  }

  async #begin(response: SessionResponse): Promise<SessionResponse> {
    this.#resumed = false;
    this.#describe(response);
    await this.#file.restart(this.#version);
    return response;
  }

  #describe(response: SessionResponse): void {
    const validator = this.#first.repeatable ? validatorOf(response) : null;
    const modified = response.headers.get('last-modified')?.trim() ?? null;
    this.#version = validator === null ? null : { url: response.url, validator, modified };
    const length = validator === null ? null : response.headers.get('content-length');
    this.#total = length !== null && /^\d{1,15}$/.test(length) ? Number(length) : null;
  }

  #send(headers: Record<string, string>): Promise<SessionResponse> {
    const { session, scope } = this.#call;
    // Parts of a coded body fit only that coding: what is to be continued is asked for as it is.
    return session.resend(this.#first, { ...headers, 'accept-encoding': 'identity' }, scope.signal);
  }

  async #copy(response: SessionResponse): Promise<void> {
    const reader = response.body?.getReader();
    if (reader !== undefined) await this.#write(reader, response);
    if (this.#total !== null && this.#file.position !== this.#total) {
      throw new IncompleteBodyError('the body ended early', this.#file.position, { response });
    }
  }

  async #write(reader: ReadableStreamDefaultReader<Uint8Array>, response: SessionResponse): Promise<void> {
    // A body that broke has nothing left to be given up: who reads it hears of that.
    const giveUp = (reason: unknown): void => void reader.cancel(reason).catch(() => undefined);
    const stop = (): void => giveUp(this.#signal?.reason);
    this.#signal?.addEventListener('abort', stop, { once: true });
    try {
      for (;;) {
        const { done, value } = await reader.read();
        this.#signal?.throwIfAborted();
        if (done) break;
        if (this.#total !== null && this.#file.position + value.byteLength > this.#total) {
          // Whether any of it was what it was said to be, nobody knows: it must not be continued later.
          await this.#file.restart(null);
          const announced = `the ${this.#total} bytes that were announced`;
          throw new BodyError(`the body is longer than ${announced}`, { response });
        }
        await this.#file.write(value);
      }
    } catch (error) {
      // A full disk ends the transfer, too.
      giveUp(error);
      throw error;
    } finally {
      this.#signal?.removeEventListener('abort', stop);
    }
  }
}

/** Whether the transfer broke off, rather than was refused or given up. */
const isBreak = (error: SessionError): boolean =>
  error instanceof IncompleteBodyError ||
  (error instanceof ConnectionError && error.retryable) ||
  (error instanceof TimeoutError && error.phase !== 'total');
