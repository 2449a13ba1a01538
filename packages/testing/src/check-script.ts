import type { Bytes } from './bytes.ts';

/** Where a script is used: some steps make sense only for requests, or only for connections. */
export type ScriptScope = 'route' | 'connect';

type Check = (value: unknown, where: string, scope: ScriptScope) => void;

const REASONS_FOR_A_REQUEST = new Set([
  'respond',
  'chunked',
  'echo',
  'readBody',
  'when',
  'whileIdle',
  'forward',
  'tunnel',
]);

/**
 * Refuses a script that the server would misread: an unknown step or option, a wrong type, a step that needs a request
 * where there is none.
 *
 * @throws {TypeError} naming the place in the script and what stands there
 */
export function checkScript(script: unknown, where: string, scope: ScriptScope = 'route'): void {
  if (typeof script === 'function') return;
  const step = record(script, where);
  const kind = Object.keys(step).find((key) => STEPS.has(key));
  const check = kind === undefined ? undefined : STEPS.get(kind);
  if (kind === undefined || check === undefined) {
    throw new TypeError(
      `${where} must be a step, got an object with the keys ${JSON.stringify(Object.keys(step))}`,
    );
  }
  if (scope === 'connect' && REASONS_FOR_A_REQUEST.has(kind)) {
    throw new TypeError(`${where} must be a step that needs no request, got ${kind}`);
  }
  check.keys(step, where);
  check.value(step[kind], `${where}.${kind}`, scope);
  check.rest?.(step, where, scope);
}

const head: Record<string, Check> = { status: whole, reason: string, version: string, headers };

const response: Record<string, Check> = {
  ...head,
  body: bytes,
  framing: oneOf('length', 'chunked', 'close', 'none'),
  pace,
};

const chunkedResponse: Record<string, Check> = {
  ...head,
  chunks: listOf(bytes),
  trailers: headers,
  extension: string,
  every: amount,
  end: boolean,
};

interface StepCheck {
  readonly keys: (step: Record<string, unknown>, where: string) => void;
  readonly value: Check;
  readonly rest?: (step: Record<string, unknown>, where: string, scope: ScriptScope) => void;
}

const STEPS: ReadonlyMap<string, StepCheck> = new Map<string, StepCheck>([
  ['respond', alone('respond', respondSpec)],
  ['chunked', alone('chunked', options(chunkedResponse, 'chunks'))],
  ['head', alone('head', options(head))],
  [
    'raw',
    {
      keys: only('raw', 'pace'),
      value: bytes,
      rest: (step, where, scope) => {
        if (step.pace !== undefined) pace(step.pace, `${where}.pace`, scope);
      },
    },
  ],
  ['echo', alone('echo', options(head))],
  ['sleep', alone('sleep', amount)],
  ['stall', alone('stall', yes)],
  ['close', alone('close', options({ notify: boolean, linger: boolean }))],
  ['reset', alone('reset', yes)],
  ['halfClose', alone('halfClose', yes)],
  ['readNothing', alone('readNothing', yes)],
  ['readAgain', alone('readAgain', yes)],
  ['readBody', alone('readBody', options({ bytes: whole, sendContinue: boolean }))],
  ['at', alone('at', moment)],
  ['sequence', alone('sequence', listOf(checkScript))],
  ['together', alone('together', listOf(checkScript))],
  [
    'repeat',
    {
      keys: only('repeat', 'times'),
      value: listOf(checkScript),
      rest: (step, where) => {
        if (step.times !== 'forever') whole(step.times, `${where}.times`);
      },
    },
  ],
  [
    'when',
    {
      keys: only('when', 'do', 'otherwise'),
      value: options({ method: string, request: whole, connection: whole, headers: conditionHeaders }),
      rest: (step, where, scope) => {
        checkScript(step.do, `${where}.do`, scope);
        checkScript(step.otherwise, `${where}.otherwise`, scope);
      },
    },
  ],
  [
    'whileIdle',
    {
      keys: only('whileIdle', 'after'),
      value: (step, where) => checkScript(step, where, 'connect'),
      rest: (step, where) => amount(step.after, `${where}.after`),
    },
  ],
  ['proceed', alone('proceed', yes)],
  ['forward', alone('forward', yes)],
  ['tunnel', alone('tunnel', options({ reply: bytes, to: string }))],
]);

const RECIPES: ReadonlyMap<string, readonly [check: Check, ...others: string[]]> = new Map<
  string,
  readonly [Check, ...string[]]
>([
  ['base64', [string]],
  ['latin1', [string]],
  ['repeat', [bytes, 'times']],
  ['join', [listOf(bytes)]],
  ['cut', [bytes, 'start', 'end']],
  ['gzip', [bytes]],
  ['deflate', [bytes]],
  ['deflateRaw', [bytes]],
  ['brotli', [bytes]],
]);

function bytes(value: unknown, where: string, scope: ScriptScope): asserts value is Bytes {
  if (typeof value === 'string' || value instanceof Uint8Array) return;
  const recipe = record(value, where);
  const kind = Object.keys(recipe).find((key) => RECIPES.has(key));
  const rule = kind === undefined ? undefined : RECIPES.get(kind);
  if (kind === undefined || rule === undefined) {
    throw new TypeError(`${where} must be a string, bytes or a recipe for bytes, got ${shown(value)}`);
  }
  const [check, ...others] = rule;
  only(kind, ...others)(recipe, where);
  check(recipe[kind], `${where}.${kind}`, scope);
  if (kind === 'repeat') whole(recipe.times, `${where}.times`);
  for (const end of ['start', 'end']) {
    if (recipe[end] !== undefined && !Number.isInteger(recipe[end])) {
      throw new TypeError(`${where}.${end} must be a whole number, got ${shown(recipe[end])}`);
    }
  }
}

function respondSpec(value: unknown, where: string, scope: ScriptScope): void {
  options(response)(value, where, scope);
  const { status, body } = record(value, where);
  if (
    body !== undefined &&
    (status === 204 || status === 304 || (typeof status === 'number' && status < 200))
  ) {
    throw new TypeError(
      `${where}.body must be left out with status ${status}: raw() sends what HTTP forbids`,
    );
  }
}

function headers(value: unknown, where: string): void {
  if (Array.isArray(value)) {
    for (const [index, pair] of value.entries()) {
      if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((part) => typeof part === 'string')) {
        throw new TypeError(`${where}[${index}] must be a [name, value] pair of strings, got ${shown(pair)}`);
      }
    }
    return;
  }
  for (const [name, one] of Object.entries(record(value, where))) {
    const strings = Array.isArray(one) ? one : [one];
    if (!strings.every((part) => typeof part === 'string')) {
      throw new TypeError(`${where}.${name} must be a string or a list of strings, got ${shown(one)}`);
    }
  }
}

function conditionHeaders(value: unknown, where: string): void {
  for (const [name, wanted] of Object.entries(record(value, where))) {
    if (typeof wanted !== 'string' && wanted !== true && wanted !== null) {
      throw new TypeError(`${where}.${name} must be a string, true or null, got ${shown(wanted)}`);
    }
  }
}

function moment(value: unknown, where: string, scope: ScriptScope): void {
  if (scope === 'route') oneOf('request-line', 'headers', 'body')(value, where, scope);
  else oneOf('accept', 'tls')(value, where, scope);
}

function pace(value: unknown, where: string, scope: ScriptScope): void {
  options({ every: amount, size: positive }, 'every')(value, where, scope);
}

function options(known: Readonly<Record<string, Check>>, ...required: readonly string[]): Check {
  return (value, where, scope) => {
    const given = record(value, where);
    only(...Object.keys(known))(given, where);
    for (const [name, check] of Object.entries(known)) {
      if (given[name] !== undefined) check(given[name], `${where}.${name}`, scope);
      else if (required.includes(name)) throw new TypeError(`${where}.${name} must be given`);
    }
  };
}

function alone(kind: string, value: Check): StepCheck {
  return { keys: only(kind), value };
}

function only(...known: readonly string[]): (step: Record<string, unknown>, where: string) => void {
  return (step, where) => {
    const unknown = Object.keys(step).find((key) => !known.includes(key));
    if (unknown !== undefined)
      throw new TypeError(`${where} must not have ${unknown}: it takes ${known.join(', ')}`);
  };
}

function listOf(check: Check): Check {
  return (value, where, scope) => {
    if (!Array.isArray(value)) throw new TypeError(`${where} must be a list, got ${shown(value)}`);
    for (const [index, one] of value.entries()) check(one, `${where}[${index}]`, scope);
  };
}

function oneOf(...values: readonly string[]): Check {
  return (value, where) => {
    if (typeof value !== 'string' || !values.includes(value)) {
      throw new TypeError(`${where} must be one of ${values.join(', ')}, got ${shown(value)}`);
    }
  };
}

function string(value: unknown, where: string): void {
  if (typeof value !== 'string') throw new TypeError(`${where} must be a string, got ${shown(value)}`);
}

function boolean(value: unknown, where: string): void {
  if (typeof value !== 'boolean') throw new TypeError(`${where} must be true or false, got ${shown(value)}`);
}

function yes(value: unknown, where: string): void {
  if (value !== true) throw new TypeError(`${where} must be true, got ${shown(value)}`);
}

function whole(value: unknown, where: string): void {
  if (!Number.isInteger(value) || Number(value) < 0) {
    throw new TypeError(`${where} must be a whole number of 0 or more, got ${shown(value)}`);
  }
}

function positive(value: unknown, where: string): void {
  if (!Number.isInteger(value) || Number(value) < 1) {
    throw new TypeError(`${where} must be a whole number of 1 or more, got ${shown(value)}`);
  }
}

function amount(value: unknown, where: string): void {
  if (typeof value !== 'number' || !(value >= 0 && value < 2 ** 31)) {
    throw new TypeError(`${where} must be milliseconds from 0 to 2147483647, got ${shown(value)}`);
  }
}

function record(value: unknown, where: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`${where} must be an object, got ${shown(value)}`);
  }
  return Object.fromEntries(Object.entries(value));
}

function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return String(JSON.stringify(value));
}
