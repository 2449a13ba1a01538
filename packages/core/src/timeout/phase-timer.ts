import { Timer, type TimerOwner } from './timer.ts';

/** What a {@link PhaseTimer} tells when a phase lasts too long. */
export interface PhaseOwner<Phase extends string> {
  phaseTimedOut(phase: Phase, limit: number): void;
}

/**
 * One timer for the waits of an exchange, one after the other.
 *
 * A new phase whose limit ends later than the running timer lets it run and re-arms it when it fires: a request with default limits sets
 * one timer, not four.
 */
export class PhaseTimer<Phase extends string> implements TimerOwner {
  readonly #owner: PhaseOwner<Phase>;
  readonly #timer: Timer = new Timer(this, '');
  #phase: Phase | null = null;
  #limit = Number.POSITIVE_INFINITY;
  #due = Number.POSITIVE_INFINITY;
  #firesAt = Number.POSITIVE_INFINITY;

  constructor(owner: PhaseOwner<Phase>) {
    this.#owner = owner;
  }

  /** Ends the phase before and begins another, at most `limit` milliseconds long. */
  enter(phase: Phase, limit: number, now: number): void {
    this.#phase = phase;
    this.#limit = limit;
    this.#due = now + limit;
    if (limit === Number.POSITIVE_INFINITY) return;
    if (this.#timer.running && this.#firesAt <= this.#due) return;
    this.#firesAt = this.#due;
    this.#timer.start(limit, now);
  }

  /** Begins the present phase's limit anew: something has moved. */
  moved(now: number): void {
    this.#due = now + this.#limit;
  }

  /** Nothing is waited for: a consumer that does not read stops the clock. */
  pause(): void {
    this.#due = Number.POSITIVE_INFINITY;
  }

  stop(): void {
    this.#phase = null;
    this.#timer.stop();
  }

  timedOut(): void {
    const phase = this.#phase;
    if (phase === null) return;
    const now = performance.now();
    // Timers may fire up to a millisecond early.
    const left = this.#due - now;
    if (left <= 1) {
      this.#phase = null;
      this.#owner.phaseTimedOut(phase, this.#limit);
    } else if (left !== Number.POSITIVE_INFINITY) {
      this.#firesAt = this.#due;
      this.#timer.start(left, now);
    } else {
      this.#firesAt = Number.POSITIVE_INFINITY;
    }
  }
}
