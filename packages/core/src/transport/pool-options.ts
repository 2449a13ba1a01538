import { knownOptions } from '../options/known-options.ts';
import type { PoolOptions } from './transport-options.ts';

/** The pool options, all given. */
export type PoolSettings = { readonly [Name in keyof PoolOptions]-?: number };

const defaults: PoolSettings = Object.freeze({
  connections: 64,
  keepAliveTimeout: 30_000,
  pipelining: 1,
  maxOrigins: Number.POSITIVE_INFINITY,
});

/** @throws {TypeError} naming the option and what came */
export const readPoolOptions = (given: PoolOptions = {}): PoolSettings => {
  const own = knownOptions('pool', given, defaults);
  const read = (name: keyof PoolOptions): number => {
    const value = own[name];
    if (value === undefined) return defaults[name];
    const whole =
      name === 'keepAliveTimeout' || Number.isInteger(value) || value === Number.POSITIVE_INFINITY;
    if (typeof value === 'number' && value > 0 && whole) return value;
    throw new TypeError(
      `pool.${name} must be a number above 0, got ${typeof value === 'number' ? value : typeof value}`,
    );
  };
  return {
    connections: read('connections'),
    keepAliveTimeout: read('keepAliveTimeout'),
    pipelining: read('pipelining'),
    maxOrigins: read('maxOrigins'),
  };
};
