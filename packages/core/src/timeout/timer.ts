import type { ChainLink } from '../chain.ts';

// setTimeout takes 32 bits: above that Node, Deno, Bun and browsers fire at once.
const longest = 2 ** 31 - 1;

/** What a {@link Timer} calls when its time has come. */
export interface TimerOwner {
  /** `name` is what the timer was made with. */
  timedOut(name: string): void;
}

/** What many timers can run on together. */
export interface Clock {
  /** Takes a timer whose `due` is set. */
  add(timer: Timer, delay: number, now: number): void;
  remove(timer: Timer): void;
}

let common: Clock | null = null;

/** Puts all timers that are started from now on onto one clock: `null` gives each a setTimeout of its own. */
export const useClock = (clock: Clock | null): void => {
  common = clock;
};

/**
 * A timer for any number of milliseconds that can be stopped and started again. `Infinity` never fires.
 *
 * It has a setTimeout of its own unless the platform brings a clock: workerd forgets what a request has set when that request ends, so
 * that no other request may depend on it.
 */
export class Timer implements ChainLink<Timer> {
  /** @internal On the performance clock. */
  due = 0;
  /** @internal The neighbours on a clock. */
  before: Timer | null = null;
  /** @internal */
  after: Timer | null = null;
  /** @internal Where it is on a clock. */
  chain: object | null = null;
  /** @internal Taken off the clock to be fired. */
  expired = false;
  #clock: Clock | null = null;
  #handle: ReturnType<typeof setTimeout> | null = null;
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
    this.#clock = common;
    if (this.#clock === null) this.#set(now);
    else this.#clock.add(this, delay, now);
  }

  stop(): void {
    this.expired = false;
    if (this.chain !== null) this.#clock?.remove(this);
    if (this.#handle !== null) clearTimeout(this.#handle);
    this.#handle = null;
  }

  get running(): boolean {
    return this.chain !== null || this.#handle !== null;
  }

  /** @internal Its time has come. */
  fire(): void {
    this.expired = false;
    this.#owner.timedOut(this.#name);
  }

  #set(now: number): void {
    this.#handle = setTimeoutUntil(this.due, now, () => {
      this.#handle = null;
      const woken = performance.now();
      if (isDue(this.due, woken)) this.fire();
      else this.#set(woken);
    });
  }
}

/** Calls back at an instant of the performance clock, or before it when that is too far away. */
export const setTimeoutUntil = (
  due: number,
  now: number,
  callback: () => void,
): ReturnType<typeof setTimeout> =>
  setTimeout(callback, Math.min(Math.max(0, Math.ceil(due - now)), longest));

/** Timers may fire up to a millisecond early. */
export const isDue = (due: number, now: number): boolean => due <= now + 1;
