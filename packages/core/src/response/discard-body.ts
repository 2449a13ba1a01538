import { Timer, type TimerOwner } from '../timeout/timer.ts';
import type { SessionResponse } from './session-response.ts';

const keepAtMost = 64 * 1024;
const waitAtMost = 50;

/**
 * Frees the connection of a response that nobody will read.
 *
 * A small body is read to its end, so that the connection can be used again and the body stays readable from the history;
 * one above 64 KiB, or slower than 50 ms, is given up together with its connection.
 */
export const discardBody = (response: SessionResponse): Promise<void> => {
  const declared = Number(response.headers.get('content-length') ?? 0);
  if (response.drained || response.bodyUsed) return Promise.resolve();
  if (declared > keepAtMost) {
    response.abandon();
    return Promise.resolve();
  }
  return new Drain(response).run();
};

class Drain implements TimerOwner {
  readonly #response: SessionResponse;
  readonly #timer: Timer = new Timer(this, 'drain');

  constructor(response: SessionResponse) {
    this.#response = response;
  }

  async run(): Promise<void> {
    this.#timer.start(waitAtMost);
    try {
      await this.#response.keep(keepAtMost);
    } catch {
      // The body broke, was too long or too slow. It is not wanted; the next message goes out all the same.
      this.#response.abandon();
    } finally {
      this.#timer.stop();
    }
  }

  timedOut(): void {
    this.#response.abandon();
  }
}
