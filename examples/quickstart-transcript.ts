import { SessionError, type SessionResponse } from 'httpsession';

/** Prints what a session did: a line for every message that was exchanged, and what came of each chapter. No value of a cookie, no credential. */
export class Transcript {
  readonly #print: (line: string) => void;
  readonly #connections: Set<number> = new Set();
  #exchanges = 0;
  #reused = 0;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  chapter(title: string): void {
    this.#print('');
    this.#print(title);
  }

  /** The responses that led to this one, oldest first, then the response itself. */
  response(response: SessionResponse): void {
    if (this.#exchanges === 0)
      this.#row(['request', 'status', 'outcome', 'attempts', 'connection', 'elapsed']);
    const statuses: number[] = [];
    for (const earlier of response.history) {
      this.#exchange(earlier, FOLLOWED_BY[earlier.tag ?? 'redirect'], '');
      statuses.push(earlier.status);
    }
    const outcome = statuses.length === 0 ? 'answer' : `answer after ${statuses.join(', ')}`;
    this.#exchange(response, outcome, String(response.attempts));
  }

  note(text: string): void {
    this.#print(`    ${text}`);
  }

  /** An error of the session says what happened, where, after how long and how often, without secrets. */
  error(error: unknown): void {
    if (!SessionError.is(error)) throw error;
    this.note(`${error.name} (${error.code})`);
    this.note(error.message);
  }

  /** Closes with how the connections were used. */
  connections(): void {
    const opened = this.#connections.size;
    this.note(
      `${this.#exchanges} exchanges over ${opened} ${opened === 1 ? 'connection' : 'connections'}, reused ${this.#reused} times`,
    );
  }

  #exchange(response: SessionResponse, outcome: string, attempts: string): void {
    const { pathname, searchParams } = new URL(response.url);
    const { connection } = response;
    this.#exchanges += 1;
    if (connection !== undefined) this.#connections.add(connection.id);
    if (connection?.reused === true) this.#reused += 1;
    this.#row([
      `${response.request.method} ${pathname}${withoutSecrets(searchParams)}`,
      String(response.status),
      outcome,
      attempts,
      connection === undefined ? 'unknown' : `#${connection.id} ${connection.reused ? 'reused' : 'new'}`,
      `${response.elapsed.toFixed(1)} ms`.padStart(10),
    ]);
  }

  #row(cells: readonly string[]): void {
    this.#print(`    ${cells.map((cell, index) => cell.padEnd(WIDTHS[index] ?? 0)).join(' ')}`.trimEnd());
  }
}

const WIDTHS = [20, 7, 18, 9, 11, 10];
const FOLLOWED_BY = { redirect: 'redirected', retry: 'tried again', challenge: 'challenged' } as const;

/** Query values may be tokens; only plain numbers are shown. */
const withoutSecrets = (params: URLSearchParams): string => {
  const pairs = [...params].map(([name, value]) => `${name}=${/^\d{1,6}$/.test(value) ? value : '…'}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
};
