import { raisedThroughHooks } from '../hooks/run-hooks.ts';
import type { SessionResponse } from '../response/session-response.ts';
import type { StandardSchema } from '../response/standard-schema.ts';

/**
 * The promise of a response, with shortcuts to its body: `await session.get(url).json()`.
 *
 * A shortcut has no response to show, so it raises `HTTPError` on 4xx and 5xx.
 */
export class ResponsePromise implements Promise<SessionResponse> {
  readonly #response: Promise<SessionResponse>;

  constructor(response: Promise<SessionResponse>) {
    this.#response = response;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise
  then<A = SessionResponse, B = never>(
    onFulfilled?: ((response: SessionResponse) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#response.then(onFulfilled, onRejected);
  }

  catch<B = never>(
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<SessionResponse | B> {
    return this.#response.catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<SessionResponse> {
    return this.#response.finally(onFinally);
  }

  /** The body as JSON, checked by a Standard Schema when one is given. */
  json<T = unknown>(): Promise<T>;
  json<Output>(schema: StandardSchema<unknown, Output>): Promise<Output>;
  async json(schema?: StandardSchema<unknown, unknown>): Promise<unknown> {
    const response = await this.#raised();
    return schema === undefined ? response.json() : response.json(schema);
  }

  async text(options?: { readonly encoding?: string }): Promise<string> {
    return (await this.#raised()).text(options);
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return (await this.#raised()).bytes();
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.#raised()).arrayBuffer();
  }

  async blob(): Promise<Blob> {
    return (await this.#raised()).blob();
  }

  async formData(): Promise<FormData> {
    return (await this.#raised()).formData();
  }

  get [Symbol.toStringTag](): string {
    return 'Promise';
  }

  async #raised(): Promise<SessionResponse> {
    return raisedThroughHooks(await this.#response);
  }
}
