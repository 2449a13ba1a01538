// setTimeout takes 32 bits: above that Node, Deno, Bun and browsers fire at once.
const longest = 2 ** 31 - 1;

/** What a {@link Timer} calls when its time has come. */
export interface TimerOwner {
  /** `name` is what the timer was made with. */
  timedOut(name: string): void;
}

/**
 * A timer for any number of milliseconds that can be stopped and started again. `Infinity` never fires.
 *
 * All timers share one `setTimeout`: a request has three, and nearly none ever fires. Starting one is an entry in a list, where a
 * setTimeout of its own costs 0.3 to 1.5 us with its end.
 */
export class Timer {
  /** @internal The neighbours in the row of equal delays; entries are in the order in which they are due. */
  before: Timer | null = null;
  /** @internal */
  after: Timer | null = null;
  /** @internal */
  row: Row | null = null;
  /** @internal On the performance clock. */
  due = 0;
  /** @internal Taken out of its row to be fired. */
  expired = false;
  readonly #owner: TimerOwner;
  readonly #name: string;

  constructor(owner: TimerOwner, name: string) {
    this.#owner = owner;
    this.#name = name;
  }

  /** Starts anew. `now` is the time on the performance clock, where the caller has looked at it already. */
  start(delay: number, now: number = performance.now()): void {
    this.stop();
    if (delay === Number.POSITIVE_INFINITY) return;
    this.due = now + delay;
    clock.add(this, delay, now);
  }

  stop(): void {
    this.expired = false;
    if (this.row !== null) clock.remove(this, this.row);
  }

  get running(): boolean {
    return this.row !== null;
  }

  /** @internal Its time has come. */
  fire(): void {
    this.expired = false;
    try {
      this.#owner.timedOut(this.#name);
    } catch (error) {
      // Uncaught, as in a timer of its own; the others that are due must fire all the same.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

/** Timers of one delay: what is started later is due later, so that the first is always the next. */
interface Row {
  readonly delay: number;
  first: Timer | null;
  last: Timer | null;
}

// Sessions use a handful of limits; what is left of a limit is a delay of its own now and then.
const rowsKept = 16;

class Clock {
  readonly #rows: Map<number, Row> = new Map();
  #running = 0;
  #handle: ReturnType<typeof setTimeout> | null = null;
  #wakeAt = Number.POSITIVE_INFINITY;
  // Tests replace setTimeout: what was set with another one may never come.
  #setWith: typeof setTimeout | null = null;

  add(timer: Timer, delay: number, now: number): void {
    let row = this.#rows.get(delay);
    if (row === undefined) {
      row = { delay, first: null, last: null };
      this.#rows.set(delay, row);
    }
    timer.row = row;
    timer.before = row.last;
    if (row.last === null) row.first = timer;
    else row.last.after = timer;
    row.last = timer;
    this.#running += 1;
    if (timer.due < this.#wakeAt || this.#setWith !== setTimeout) this.#set(timer.due, now);
  }

  remove(timer: Timer, row: Row): void {
    if (timer.before === null) row.first = timer.after;
    else timer.before.after = timer.after;
    if (timer.after === null) row.last = timer.before;
    else timer.after.before = timer.before;
    timer.before = null;
    timer.after = null;
    timer.row = null;
    this.#running -= 1;
    if (row.first === null && this.#rows.size > rowsKept) this.#rows.delete(row.delay);
    // Nobody waits: the process may end.
    if (this.#running === 0) this.#clear();
  }

  #set(due: number, now: number): void {
    this.#clear();
    this.#wakeAt = due;
    this.#setWith = setTimeout;
    this.#handle = setTimeout(wake, Math.min(Math.max(0, Math.ceil(due - now)), longest));
  }

  #clear(): void {
    if (this.#handle !== null) clearTimeout(this.#handle);
    this.#handle = null;
    this.#wakeAt = Number.POSITIVE_INFINITY;
  }

  wake(): void {
    this.#handle = null;
    this.#wakeAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    const due: Timer[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const row of this.#rows.values()) {
      // Timers may fire up to a millisecond early.
      for (let timer = row.first; timer !== null && timer.due <= now + 1; timer = row.first) {
        this.remove(timer, row);
        timer.expired = true;
        due.push(timer);
      }
      if (row.first !== null) next = Math.min(next, row.first.due);
    }
    if (next !== Number.POSITIVE_INFINITY) this.#set(next, now);
    for (const timer of due) if (timer.expired) timer.fire();
  }
}

const clock = new Clock();

// Stable: no closure per timer.
const wake = (): void => clock.wake();
