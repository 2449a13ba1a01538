import { describe, expect, it } from 'vitest';
import { ConnectionError } from '../errors.ts';
import { onDemand } from '../on-demand.ts';
import { CancelScope } from '../timeout/cancel-scope.ts';
import { type BodyInHand, readWith } from './load-readers.ts';

const given = (scope = new CancelScope()) => {
  const abandoned: unknown[] = [];
  const response = { request: { scope }, abandon: (reason: unknown) => abandoned.push(reason) };
  return { abandoned, response: response as unknown as BodyInHand };
};

async function* upTo(part: { readonly last: number }): AsyncGenerator<number, void, undefined> {
  for (let item = 1; item <= part.last; item += 1) yield item;
}

const collected = async (items: AsyncIterable<number>): Promise<number[]> => {
  const list: number[] = [];
  for await (const item of items) list.push(item);
  return list;
};

describe('readWith', () => {
  it('reads once the reader has been loaded, and the next time with nothing in between', async () => {
    const load = onDemand(async () => ({ last: 3 }));
    const { response, abandoned } = given();
    expect(await collected(readWith(load, response, upTo))).toEqual([1, 2, 3]);
    const made: AsyncGenerator<number, void, undefined>[] = [];
    const second = readWith(load, response, (part) => {
      const generator = upTo(part);
      made.push(generator);
      return generator;
    });
    expect(made).toEqual([second]);
    expect(await collected(second)).toEqual([1, 2, 3]);
    expect(abandoned).toEqual([]);
  });

  it('gives the body up when the reader cannot be loaded, whether somebody reads or not', async () => {
    const cause = new TypeError('Failed to fetch dynamically imported module');
    const load = onDemand((): Promise<{ last: number }> => Promise.reject(cause));
    const { response, abandoned } = given();
    readWith(load, response, upTo);
    const error: unknown = await readWith(load, response, upTo)
      .next()
      .catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ cause });
    expect(abandoned).toEqual([expect.any(ConnectionError), error]);
  });

  it('stops waiting for the reader when the call ends', async () => {
    const scope = new CancelScope();
    const { response, abandoned } = given(scope);
    const reason = new Error('the deadline');
    const load = onDemand((): Promise<{ last: number }> => new Promise(() => undefined));
    const item = readWith(load, response, upTo).next();
    scope.cancel(reason);
    await expect(item).rejects.toBe(reason);
    expect(abandoned).toEqual([reason]);
  });
});
