import { Chain } from '../chain.ts';
import { type Clock, isDue, setTimeoutUntil, type Timer } from './timer.ts';

/** Timers of one delay: what is started later is due later, so that the first is always the next. */
class Row extends Chain<Timer> {
  readonly delay: number;

  constructor(delay: number) {
    super();
    this.delay = delay;
  }
}

// Where a request begins, the longest wait of the setTimeout itself, in milliseconds. A timer that is due later than that needs no other
// one: were it set for the deadline of a minute, the attempt's limit of twenty seconds would set it anew, and that of the headers again.
const longestWait = 2_500;

// Promise reactions from a response's head to the reading of its body, and from there to the next request, with room for middlewares. To
// set and clear a setTimeout costs 1 us on Node and 5 on Deno; a request of one after another had three of them.
const patience = 64;
const settled: Promise<void> = Promise.resolve();

// Sessions use a handful of limits; what is left of a limit is a delay of its own now and then.
const rowsKept = 16;

/**
 * All timers on one `setTimeout`: a request has three, and nearly none ever fires. Starting one is an entry in a list, where a setTimeout
 * of its own costs 0.3 to 1.5 us with its end.
 *
 * Only for platforms where a timer lasts as long as the program: on workerd it ends with the request that set it.
 */
class SharedClock implements Clock {
  readonly #rows: Map<number, Row> = new Map();
  // Stable: no closure per timer.
  readonly #wake = (): void => this.#fireDue();
  #running = 0;
  #handle: ReturnType<typeof setTimeout> | null = null;
  #wakeAt = Number.POSITIVE_INFINITY;
  #leaving = false;
  #hops = 0;
  // Tests replace setTimeout: what was set with another one may never come.
  #setWith: typeof setTimeout | null = null;

  add(timer: Timer, delay: number, now: number): void {
    let row = this.#rows.get(delay);
    if (row === undefined) {
      row = new Row(delay);
      this.#rows.set(delay, row);
    }
    row.add(timer);
    this.#running += 1;
    // With another setTimeout, not only for this timer: the one before it may be due earlier.
    if (timer.due < this.#wakeAt || this.#setWith !== setTimeout)
      this.#set(Math.min(timer.due, this.#wakeAt, now + longestWait), now);
  }

  remove(timer: Timer): void {
    const row = timer.chain;
    if (!(row instanceof Row)) return;
    row.remove(timer);
    this.#running -= 1;
    if (row.first === null && this.#rows.size > rowsKept) this.#rows.delete(row.delay);
    if (this.#running > 0 || this.#handle === null) return;
    // Nobody waits: the process may end.
    this.#hops = 0;
    if (this.#leaving) return;
    this.#leaving = true;
    void settled.then(this.#leave);
  }

  #set(due: number, now: number): void {
    this.#clear();
    this.#wakeAt = due;
    this.#setWith = setTimeout;
    this.#handle = setTimeoutUntil(due, now, this.#wake);
  }

  /** Clears the setTimeout unless a timer starts before the microtasks at hand have run. */
  readonly #leave = (): void => {
    this.#hops += 1;
    if (this.#running === 0 && this.#hops < patience) void settled.then(this.#leave);
    else {
      this.#leaving = false;
      if (this.#running === 0) this.#clear();
    }
  };

  #clear(): void {
    if (this.#handle !== null) clearTimeout(this.#handle);
    this.#handle = null;
    this.#wakeAt = Number.POSITIVE_INFINITY;
  }

  #fireDue(): void {
    this.#handle = null;
    this.#wakeAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    const due: Timer[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const row of this.#rows.values()) {
      for (let timer = row.first; timer !== null && isDue(timer.due, now); timer = row.first) {
        this.remove(timer);
        timer.expired = true;
        due.push(timer);
      }
      if (row.first !== null) next = Math.min(next, row.first.due);
    }
    if (next !== Number.POSITIVE_INFINITY) this.#set(next, now);
    for (const timer of due) if (timer.expired) fire(timer);
  }
}

const fire = (timer: Timer): void => {
  try {
    timer.fire();
  } catch (error) {
    // Uncaught, as in a timer of its own; the others that are due must fire all the same.
    queueMicrotask(() => {
      throw error;
    });
  }
};

/** The clock of the whole program. */
export const sharedClock: Clock = new SharedClock();
