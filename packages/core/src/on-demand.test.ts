import { describe, expect, it } from 'vitest';
import { ConnectionError } from './errors.ts';
import { onDemand } from './on-demand.ts';
import { CancelScope } from './timeout/cancel-scope.ts';

const part = { name: 'part' };
const never = (): Promise<never> => new Promise(() => undefined);

describe('a part that is loaded on demand', () => {
  it('is loaded by the first that needs it, and is at hand for all others', async () => {
    let loads = 0;
    const parts = onDemand(async () => {
      loads += 1;
      return part;
    });
    expect(loads).toBe(0);
    expect(await parts()).toBe(part);
    expect(parts()).toBe(part);
    expect(loads).toBe(1);
  });

  it('ends in an error of ours when it cannot be loaded, and is asked for again', async () => {
    const cause = new TypeError('Failed to fetch dynamically imported module');
    const answers = [Promise.reject(cause), Promise.resolve(part)];
    const parts = onDemand(() => answers.shift() ?? never());
    const error: unknown = await Promise.resolve(parts()).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({
      message: 'a part of httpsession could not be loaded',
      code: 'ERR_CONNECTION',
      requestSent: true,
      cause,
    });
    expect(await parts()).toBe(part);
  });

  it('is waited for as long as the scope lasts', async () => {
    const parts = onDemand(never);
    const scope = new CancelScope();
    const reason = new Error('the call is over');
    const waiting = parts(scope);
    scope.cancel(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(parts(scope)).rejects.toBe(reason);
  });
});
