import { SessionError } from '../errors.ts';
import { raisedThroughHooks } from '../hooks/run-hooks.ts';
import { isErrorStatus } from '../response/is-error-status.ts';
import type { SessionResponse } from '../response/session-response.ts';
import type { StandardSchema } from '../response/standard-schema.ts';
import { requestAfterBrokenBody } from '../retry/retry.ts';

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
  json(schema?: StandardSchema<unknown, unknown>): Promise<unknown> {
    return this.#read(schema === undefined ? readJson : (response) => response.json(schema));
  }

  /** The body as text, by the charset of Content-Type and BOM unless `encoding` says otherwise. */
  text(options?: { readonly encoding?: string }): Promise<string> {
    return this.#read((response) => response.text(options));
  }

  /** The body as bytes. */
  bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#read((response) => response.bytes());
  }

  /** The body as an ArrayBuffer. */
  arrayBuffer(): Promise<ArrayBuffer> {
    return this.#read((response) => response.arrayBuffer());
  }

  /** The body as a Blob with the response's content type. */
  blob(): Promise<Blob> {
    return this.#read((response) => response.blob());
  }

  /** The body of a form. @throws {BodyError} when it is none */
  formData(): Promise<FormData> {
    return this.#read((response) => response.formData());
  }

  get [Symbol.toStringTag](): string {
    return 'Promise';
  }

  // A shortcut hands out the whole body or nothing, so a body that breaks on its way may be asked for again.
  async #read<T>(read: (response: SessionResponse) => Promise<T>): Promise<T> {
    let response = await this.#response;
    for (;;) {
      if (isErrorStatus(response.status)) response = await raisedThroughHooks(response);
      try {
        return await read(response);
      } catch (error) {
        const again = SessionError.is(error) ? await requestAfterBrokenBody(response, error) : null;
        if (again === null) {
          // Nobody else has the response: of a wrong argument, say, that left its body where it was.
          response.abandon(error);
          throw error;
        }
        response = await again.call.session.repeat(again);
      }
    }
  }
}

// One for all: no closure per call.
const readJson = (response: SessionResponse): Promise<unknown> => response.json();
