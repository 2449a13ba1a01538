// The floor: a session that has sent little may still retry a little. Finagle and tower use ten per period, too.
const reserve = 10;

/**
 * Caps the extra load that a session's retries put on servers: a share of its requests, plus a small reserve.
 *
 * Without it an outage multiplies the traffic of every client by its number of attempts.
 */
export class RetryBudget {
  #requests = 0;
  #retries = 0;

  /** Counts a call's first attempt. */
  deposit(): void {
    this.#requests += 1;
  }

  /** Counts a repetition. */
  spend(): void {
    this.#retries += 1;
  }

  /** Whether one more repetition stays within `share` of all requests. `null` allows any number. */
  allows(share: number | null): boolean {
    return share === null || this.#retries < this.#requests * share + reserve;
  }
}
