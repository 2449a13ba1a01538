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
    this.#column(['request', 'status', 'why', 'attempt', 'connection', 'elapsed']);
    for (const exchange of [...response.history, response]) this.#exchange(exchange);
    const { history, attempts } = response;
    const way =
      history.length === 0 ? 'none' : history.map(({ status, tag }) => `${status} ${tag}`).join(', ');
    this.note(`history: ${way}; attempts: ${attempts}`);
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

  #exchange(response: SessionResponse): void {
    const { pathname, search } = new URL(response.url);
    const { connection } = response;
    this.#exchanges += 1;
    if (connection !== undefined) this.#connections.add(connection.id);
    if (connection?.reused === true) this.#reused += 1;
    this.#column([
      `${response.request.method} ${pathname}${search}`,
      String(response.status),
      response.tag === undefined ? 'answer' : response.tag,
      String(response.attempts),
      connection === undefined ? 'unknown' : `#${connection.id} ${connection.reused ? 'reused' : 'new'}`,
      `${response.elapsed.toFixed(1)} ms`,
    ]);
  }

  #column(cells: readonly [string, ...string[]]): void {
    this.#print(`    ${cells.map((cell, index) => cell.padEnd(WIDTHS[index] ?? 0)).join(' ')}`.trimEnd());
  }
}

const WIDTHS = [22, 7, 10, 8, 12, 10];
