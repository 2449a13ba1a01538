import { expect, test } from 'vitest';
import { Deferred } from './deferred.ts';

test('each promise is settled by its own', async () => {
  const [first, second, third] = [new Deferred<string>(), new Deferred<string>(), new Deferred<string>()];
  second.resolve('second');
  third.reject('third');
  first.resolve(second.promise);
  await expect(first.promise).resolves.toBe('second');
  await expect(second.promise).resolves.toBe('second');
  await expect(third.promise).rejects.toBe('third');
});

test('only the first settling counts', async () => {
  const deferred = new Deferred<number>();
  deferred.resolve(1);
  deferred.resolve(2);
  deferred.reject(new Error('too late'));
  await expect(deferred.promise).resolves.toBe(1);
});
