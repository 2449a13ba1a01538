import { checkScript, type ScriptScope } from './check-script.ts';
import type { RecordedRequest } from './recorded-request.ts';
import type { Script } from './script.ts';

/** Scripts in turn: one for each use, the last one for ever. */
export class Turns<Kind> {
  readonly #scripts: readonly Kind[];
  #next = 0;

  constructor(scripts: Kind | readonly Kind[], where: string, scope: ScriptScope) {
    this.#scripts = Array.isArray(scripts) ? [...scripts] : [scripts as Kind];
    if (this.#scripts.length === 0) throw new TypeError(`${where} must have at least one script`);
    for (const [index, script] of this.#scripts.entries()) {
      checkScript(script, this.#scripts.length === 1 ? where : `${where}[${index}]`, scope);
    }
  }

  next(): Kind {
    const index = Math.min(this.#next, this.#scripts.length - 1);
    this.#next += 1;
    return this.#scripts[index] as Kind;
  }
}

/** Which script answers which request: exact paths, with or without a method; `*` stands for every path. */
export class Routes {
  readonly #routes = new Map<string, Turns<Script>>();
  #fallback: Turns<Script>;

  constructor(fallback: Script) {
    this.#fallback = new Turns<Script>(fallback, 'otherwise', 'route');
  }

  set(key: string, scripts: Script | readonly Script[]): void {
    this.#routes.set(routeKey(key), new Turns(scripts, `route ${key}`, 'route'));
  }

  setFallback(scripts: Script | readonly Script[]): void {
    this.#fallback = new Turns(scripts, 'otherwise', 'route');
  }

  /** The script for a request, of which only the request line need be known. */
  scriptFor({ method, path }: RecordedRequest): Script {
    const turns =
      this.#routes.get(`${method} ${path}`) ??
      this.#routes.get(path) ??
      this.#routes.get(`${method} *`) ??
      this.#routes.get('*') ??
      this.#fallback;
    return turns.next();
  }
}

/** `GET /path` or `/path`; a query is ignored, as it is in requests. */
function routeKey(key: string): string {
  const match = /^(?:([!#$%&'*+.^_`|~0-9A-Za-z-]+) )?(\/[^?#]*|\*|[^\s/?#]+:\d+)(?:[?#].*)?$/.exec(key);
  if (match === null) {
    throw new TypeError(
      `path must be '/path', 'METHOD /path', '*' or 'CONNECT host:port', got ${JSON.stringify(key)}`,
    );
  }
  const [, method, path = ''] = match;
  return method === undefined ? path : `${method} ${path}`;
}
