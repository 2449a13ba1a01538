import { type CancelListener, CancelScope } from '../timeout/cancel-scope.ts';

/**
 * What ends all calls of a session: its own close, and its parent's.
 *
 * It hangs on its parent only while calls are under way, so that a child which is never closed leaves nothing behind.
 */
export class SessionScope extends CancelScope {
  readonly #parent: CancelScope | null;
  #calls = 0;

  constructor(parent: CancelScope | null) {
    super();
    this.#parent = parent;
  }

  override get isCancelled(): boolean {
    return super.isCancelled || (this.#parent?.isCancelled ?? false);
  }

  override subscribe(listener: CancelListener): void {
    if (this.#parent !== null) {
      this.#calls += 1;
      if (this.#calls === 1) this.#parent.subscribe(this);
    }
    super.subscribe(listener);
  }

  override unsubscribe(listener: CancelListener): void {
    super.unsubscribe(listener);
    if (this.#parent === null) return;
    this.#calls -= 1;
    if (this.#calls === 0) this.#parent.unsubscribe(this);
  }
}
