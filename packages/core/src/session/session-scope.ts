import { Chain, type ChainLink } from '../chain.ts';

/** What ends with a session: its calls under way, and its children. */
export interface SessionMember extends ChainLink<SessionMember> {
  cancelled(reason: unknown): void;
}

/**
 * What ends all calls of a session: its own close, and its parent's.
 *
 * It hangs on its parent only while calls are under way, so that a child which is never closed leaves nothing behind.
 */
export class SessionScope implements SessionMember {
  before: SessionMember | null = null;
  after: SessionMember | null = null;
  chain: object | null = null;
  readonly #parent: SessionScope | null;
  readonly #members: Chain<SessionMember> = new Chain();
  #end: { readonly reason: unknown } | null = null;

  constructor(parent: SessionScope | null) {
    this.#parent = parent;
  }

  get isCancelled(): boolean {
    return this.#end !== null || (this.#parent?.isCancelled ?? false);
  }

  /** Calls `member.cancelled` once, at once when the session has ended already. */
  join(member: SessionMember): void {
    // Not once it has ended: no member stays then, and each further one would have it join its parent again.
    if (this.#end === null && this.#members.first === null) this.#parent?.join(this);
    if (this.#end === null) this.#members.add(member);
    else member.cancelled(this.#end.reason);
  }

  leave(member: SessionMember): void {
    this.#members.remove(member);
    if (this.#members.first === null) this.#parent?.leave(this);
  }

  cancel(reason: unknown): void {
    if (this.#end !== null) return;
    this.#end = { reason };
    for (let member = this.#members.shift(); member !== null; member = this.#members.shift())
      member.cancelled(reason);
    this.#parent?.leave(this);
  }

  cancelled(reason: unknown): void {
    this.cancel(reason);
  }
}
