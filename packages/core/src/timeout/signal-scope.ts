import type { CancelListener } from './cancel-scope.ts';

/**
 * Everything that one `AbortSignal` ends, behind a single listener.
 *
 * A signal for a whole program may have thousands of calls at once; Node warns of a leak from the eleventh listener on.
 */
export class SignalScope implements EventListenerObject {
  readonly #signal: AbortSignal;
  readonly #listeners: Set<CancelListener> = new Set();

  private constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** The one scope of a signal. */
  static of(signal: AbortSignal): SignalScope {
    let scope = scopes.get(signal);
    if (scope === undefined) {
      scope = new SignalScope(signal);
      scopes.set(signal, scope);
    }
    return scope;
  }

  /** Calls `listener.cancelled` once, at once when the signal is aborted already. */
  subscribe(listener: CancelListener): void {
    if (this.#signal.aborted) {
      listener.cancelled(this.#signal.reason);
      return;
    }
    if (this.#listeners.size === 0) this.#signal.addEventListener('abort', this);
    this.#listeners.add(listener);
  }

  unsubscribe(listener: CancelListener): void {
    if (this.#listeners.delete(listener) && this.#listeners.size === 0)
      this.#signal.removeEventListener('abort', this);
  }

  handleEvent(): void {
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    this.#signal.removeEventListener('abort', this);
    for (const listener of listeners) listener.cancelled(this.#signal.reason);
  }
}

const scopes: WeakMap<AbortSignal, SignalScope> = new WeakMap();
