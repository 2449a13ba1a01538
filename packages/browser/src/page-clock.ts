import { Chain, type Clock, type Timer } from '@httpsession/core';

// The longest wait of the setTimeout that a new timer sets. A limit that ends later needs no other one.
const longestWait = 2_500;

// setTimeout takes 32 bits: above that browsers fire at once.
const longest = 2 ** 31 - 1;

/**
 * All timers of a page on one `setTimeout`: a request has two or three, nearly none of them ever fires, and Chromium takes 3 to 5 us to
 * set and clear one.
 *
 * Simpler than the clock that server runtimes share: a timer keeps no page alive, so that what was set may fire in vain.
 */
export class PageClock implements Clock {
  readonly #timers: Chain<Timer> = new Chain();
  readonly #wake = (): void => this.#fireDue();
  #handle: ReturnType<typeof setTimeout> | undefined;
  #wakeAt = Number.POSITIVE_INFINITY;
  // Tests replace setTimeout: what was set with another one may never come.
  #setWith: typeof setTimeout | undefined;

  add(timer: Timer, _delay: number, now: number): void {
    this.#timers.add(timer);
    if (timer.due < this.#wakeAt || this.#setWith !== setTimeout)
      this.#set(Math.min(timer.due, this.#wakeAt, now + longestWait), now);
  }

  remove(timer: Timer): void {
    this.#timers.remove(timer);
  }

  #set(due: number, now: number): void {
    clearTimeout(this.#handle);
    const wait = Math.min(Math.max(0, Math.ceil(due - now)), longest);
    this.#wakeAt = now + wait;
    this.#setWith = setTimeout;
    this.#handle = setTimeout(this.#wake, wait);
  }

  #fireDue(): void {
    this.#wakeAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    let next = Number.POSITIVE_INFINITY;
    const due: Timer[] = [];
    for (let timer = this.#timers.first; timer !== null; timer = timer.after) {
      // Timers may fire up to a millisecond early.
      if (timer.due <= now + 1) due.push(timer);
      else next = Math.min(next, timer.due);
    }
    // As long as it takes: of a setTimeout that sets the next, and so on, a hidden page runs one a minute.
    if (next !== Number.POSITIVE_INFINITY) this.#set(next, now);
    for (const timer of due.sort((one, other) => one.due - other.due)) {
      this.#timers.remove(timer);
      timer.expired = true;
      // Each by itself: what one of them throws keeps no other from its end, and one may stop another.
      queueMicrotask(() => {
        if (timer.expired) timer.fire();
      });
    }
  }
}
