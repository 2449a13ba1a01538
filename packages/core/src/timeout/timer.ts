// setTimeout takes 32 bits: above that Node, Deno, Bun and browsers fire at once.
const longest = 2 ** 31 - 1;

/** What a {@link Timer} calls when its time has come. */
export interface TimerOwner {
  /** `name` is what the timer was started with. */
  timedOut(name: string): void;
}

/** A timer for any number of milliseconds that can be stopped and started again. `Infinity` never fires. */
export class Timer {
  readonly #owner: TimerOwner;
  readonly #name: string;
  #handle: ReturnType<typeof setTimeout> | undefined;
  #due = 0;

  constructor(owner: TimerOwner, name: string) {
    this.#owner = owner;
    this.#name = name;
  }

  start(delay: number): void {
    if (this.#handle !== undefined) clearTimeout(this.#handle);
    this.#handle = undefined;
    if (delay === Number.POSITIVE_INFINITY) return;
    if (delay <= longest) {
      this.#handle = setTimeout(fire, delay, this);
      return;
    }
    this.#due = performance.now() + delay;
    this.#handle = setTimeout(wait, longest, this);
  }

  stop(): void {
    if (this.#handle === undefined) return;
    clearTimeout(this.#handle);
    this.#handle = undefined;
  }

  get running(): boolean {
    return this.#handle !== undefined;
  }

  /** For the module's own callbacks. */
  static fired(timer: Timer): void {
    timer.#handle = undefined;
    timer.#owner.timedOut(timer.#name);
  }

  /** For the module's own callbacks. */
  static waited(timer: Timer): void {
    timer.#handle = undefined;
    timer.start(Math.max(0, timer.#due - performance.now()));
  }
}

// Stable functions: no closure per timer.
const fire = (timer: Timer): void => Timer.fired(timer);
const wait = (timer: Timer): void => Timer.waited(timer);
