import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CookieJar } from '@httpsession/cookies';
import * as core from '@httpsession/core';
import { describe, expect, it } from 'vitest';
import { defaultOptions } from '../../core/src/options/resolve-options.ts';
import { defaultRetries } from '../../core/src/retry/retry-options.ts';
import { readPoolOptions } from '../../core/src/transport/pool-options.ts';
import { root } from '../src/workspace.mjs';
import { codeIn, readTable } from './readme/tables.ts';

const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** One of each class, made as the sources make them. */
const errors: readonly core.SessionError[] = [
  new core.RequestError('x'),
  new core.InvalidURLError('x'),
  new core.InvalidHeaderError('x'),
  new core.InvalidCookieError('x'),
  new core.UnreplayableBodyError('x'),
  new core.UnsupportedOptionError('option', 'platform', 'x'),
  new core.SessionClosedError(),
  new core.ConnectionError('x', { requestSent: false }),
  new core.ProxyError('x', { requestSent: false }),
  new core.TLSError('x', { requestSent: false }),
  new core.TimeoutError('total', 1, {}),
  new core.RedirectError('x'),
  new core.TooManyRedirectsError(1),
  new core.UnsafeRedirectError('x'),
  new core.HTTPError(new Response(null, { status: 500 }) as unknown as core.SessionResponse),
  new core.RetryError('x'),
  new core.AuthError('x'),
  new core.OAuth2Error({
    tokenUrl: 'https://auth.test/',
    status: 400,
    error: null,
    description: null,
    secrets: [],
  }),
  new core.BodyError('x'),
  new core.JSONDecodeError('x', ''),
  new core.SchemaError([]),
  new core.DecodingError('x'),
  new core.IncompleteBodyError('x', 0),
  new core.BodyTooLargeError(1),
];

describe('the error table of the README', () => {
  const rows = readTable(readme, 'Errors');

  it('has a row for each class that is exported, and no other', () => {
    const exported = Object.entries(core)
      .filter(([, value]) => typeof value === 'function' && value.prototype instanceof core.SessionError)
      .map(([name]) => name);
    expect(rows.map(([name = '']) => codeIn(name)).sort()).toEqual(exported.sort());
  });

  it('has their codes', () => {
    expect(Object.fromEntries(rows.map(([name = '', code = '']) => [codeIn(name), codeIn(code)]))).toEqual(
      Object.fromEntries(errors.map(({ name, code }) => [name, code])),
    );
  });

  it('names members that they have', () => {
    const missing = rows.flatMap(([name = '', , when = '']) => {
      const error = errors.find((candidate) => candidate.name === codeIn(name));
      return Array.from(when.matchAll(/`\.(\w+)(?:\(\))?`/g), ([, member = '']) => member)
        .filter((member) => error === undefined || !(member in error))
        .map((member) => `${codeIn(name)}.${member}`);
    });
    expect(missing).toEqual([]);
  });
});

describe('the defaults in the README', () => {
  const { timeout, redirect, maxResponseSize, decompress, raiseForStatus } = defaultOptions;
  const actual: Readonly<Record<string, object>> = {
    timeout,
    retry: defaultRetries,
    redirect,
    pool: readPoolOptions(),
    limits: new CookieJar().limits,
    '': { maxResponseSize, decompress, raiseForStatus },
  };
  const rows = readTable(readme, 'Limits and defaults');

  it.each(rows.map(([option = '', value = '']) => [codeIn(option), value]))('%s is %s', (option, shown) => {
    expect(textOf(valueAt(actual, option.includes('.') ? option : `.${option}`))).toBe(shown);
  });

  it('lack no limit of time, connections or cookies', () => {
    const named = new Set(rows.map(([option = '']) => codeIn(option)));
    const missing = ['timeout', 'pool', 'limits'].flatMap((group) =>
      Object.keys(actual[group] ?? {})
        .map((name) => `${group}.${name}`)
        .filter((option) => !named.has(option)),
    );
    expect(missing).toEqual([]);
  });
});

describe('the links of the READMEs', () => {
  const documents = [
    'README.md',
    ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`),
  ].filter((document) => existsSync(join(root, document)));

  it.each(documents)('%s links files that are there', (document) => {
    const links = readFileSync(join(root, document), 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g);
    const broken = Array.from(links, ([, link = '']) => link).filter(
      (link) => !existsSync(join(root, dirname(document), link)),
    );
    expect(broken).toEqual([]);
  });
});

const valueAt = (from: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((value, name) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name))
      throw new Error(`there is no option ${path}`);
    return Reflect.get(value, name);
  }, from);

/** A default as the table writes it. */
const textOf = (value: unknown): string => {
  if (value === null || value === Number.POSITIVE_INFINITY) return 'none';
  if (value instanceof Set) return [...value].join(' ');
  if (typeof value === 'number' && value > 0 && value % 2 ** 20 === 0) return `${value / 2 ** 20} MiB`;
  if (typeof value === 'number' && value >= 10_000) return String(value).replace(/\B(?=(\d{3})+$)/g, '_');
  return String(value);
};
