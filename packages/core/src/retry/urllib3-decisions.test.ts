import { describe, expect, it } from 'vitest';
import golden from '../../test/golden/urllib3-retry.json' with { type: 'json' };
import { type Urllib3Outcome, type Urllib3RetryState, urllib3Decisions } from './urllib3-decisions.ts';
import type { Urllib3RetryOptions } from './urllib3-retry-options.ts';

const response = (status: number, retryAfter?: number): Urllib3Outcome => ({
  kind: 'response',
  status,
  method: 'GET',
  retryAfter,
});
const camelCase = (name: string) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());

const left = ({ total, connect, read, redirect, status, other }: Urllib3RetryState) => [
  total,
  connect,
  read,
  redirect,
  status,
  other,
];

/** The decisions on a row of outcomes, in the golden file's form. */
const follow = (options: Urllib3RetryOptions, outcomes: readonly Urllib3Outcome[]) => {
  const policy = urllib3Decisions(options, () => golden.luck);
  let state = policy.initial;
  return outcomes.map((outcome) => {
    const decision = policy.decide(outcome, state);
    if (!decision.retry) return decision;
    state = decision.state;
    return { retry: true, delay: decision.delay, left: left(state) };
  });
};

describe('urllib3Decisions', () => {
  it(`decides as urllib3 ${golden.urllib3} does`, () => {
    expect(golden.cases.length).toBeGreaterThan(200);
    for (const { options, outcomes, decisions } of golden.cases) {
      const given = Object.fromEntries(
        Object.entries(options).map(([name, value]) => [camelCase(name), value]),
      );
      const ours = follow(given, outcomes as Urllib3Outcome[]);
      for (const [at, expected] of decisions.entries()) {
        const decided: Record<string, unknown> = { ...ours[at] };
        const where = JSON.stringify({ options, outcomes: outcomes.slice(0, at + 1) });
        // Seconds in binary floating point: the last digits may differ.
        if ('delay' in expected && expected.delay !== undefined)
          expect(decided.delay, where).toBeCloseTo(expected.delay, 6);
        expect({ ...decided, delay: 0 }, where).toEqual({ ...expected, delay: 0 });
      }
    }
  });

  it('has the defaults of urllib3', () => {
    const policy = urllib3Decisions();
    expect(left(policy.initial)).toEqual([10, null, null, null, null, null]);
    expect(policy).toMatchObject({
      raiseOnRedirect: true,
      raiseOnStatus: true,
      respectRetryAfterHeader: true,
    });
    expect([...policy.removeHeadersOnRedirect]).toEqual(['cookie', 'authorization', 'proxy-authorization']);
    expect(policy.decide(response(503), policy.initial)).toMatchObject({ retry: false, raise: false });
    expect(policy.decide(response(503, 1), policy.initial)).toMatchObject({ retry: true, delay: 1 });
    expect(policy.decide(response(503, 22_000_000), policy.initial)).toMatchObject({ delay: 21_600_000 });
  });

  it('never repeats what is final', () => {
    const policy = urllib3Decisions({ total: 3, other: 3 });
    expect(policy.decide({ kind: 'final-error', method: 'GET', requestSent: false }, policy.initial)).toEqual(
      {
        retry: false,
        reason: 'not-retryable',
        raise: true,
      },
    );
  });

  it('changes neither itself nor a state it was given', () => {
    const policy = urllib3Decisions({ statusForcelist: [500] });
    const first = policy.decide(response(500), policy.initial);
    expect(policy.initial).toMatchObject({ total: 10, history: [] });
    expect(policy.decide(response(500), policy.initial)).toEqual(first);
    expect(Object.isFrozen(policy)).toBe(true);
    expect(Object.isFrozen(policy.initial)).toBe(true);
  });

  it('keeps the history of what was repeated', () => {
    const policy = urllib3Decisions({ statusForcelist: [500] });
    const decision = policy.decide(response(500), policy.initial);
    expect(decision).toMatchObject({ state: { history: [response(500)] } });
  });

  it('survives counts that overflow the backoff', () => {
    const policy = urllib3Decisions({ total: null, statusForcelist: [500], backoffFactor: 0 });
    const history = Array.from({ length: 3_000 }, () => response(500));
    expect(policy.decide(response(500), { ...policy.initial, history })).toMatchObject({ delay: 0 });
  });

  it.each<[object, string]>([
    [{ total: -1 }, 'total must be a whole number of 0 or more, false or null, got -1'],
    [{ total: true }, 'total must be a whole number of 0 or more, false or null, got true'],
    [{ connect: 1.5 }, 'connect must be a whole number of 0 or more, false or null, got 1.5'],
    [{ read: '3' }, 'read must be a whole number of 0 or more, false or null, got 3'],
    [{ redirect: Number.NaN }, 'redirect must be a whole number of 0 or more, false or null, got NaN'],
    [{ status: false }, 'status must be a whole number of 0 or more or null, got false'],
    [{ other: -2 }, 'other must be a whole number of 0 or more or null, got -2'],
    [{ allowedMethods: 'GET' }, 'allowedMethods must be a list of strings, got GET'],
    [{ allowedMethods: [1] }, 'allowedMethods must be a list of strings, got 1'],
    [{ removeHeadersOnRedirect: null }, 'removeHeadersOnRedirect must be a list of strings, got null'],
    [{ statusForcelist: 500 }, 'statusForcelist must be a list of statuses, got 500'],
    [{ statusForcelist: ['500'] }, 'statusForcelist must be a list of statuses from 100 to 999, got 500'],
    [{ backoffFactor: -1 }, 'backoffFactor must be a number of seconds of 0 or more, got -1'],
    [{ backoffMax: Number.NaN }, 'backoffMax must be a number of seconds of 0 or more, got NaN'],
    [{ backoffJitter: '1' }, 'backoffJitter must be a number of seconds of 0 or more, got 1'],
    [{ retryAfterMax: null }, 'retryAfterMax must be a number of seconds of 0 or more, got null'],
    [{ raiseOnStatus: 1 }, 'raiseOnStatus must be true or false, got 1'],
    [{ raiseOnRedirect: 'no' }, 'raiseOnRedirect must be true or false, got no'],
    [{ respectRetryAfterHeader: null }, 'respectRetryAfterHeader must be true or false, got null'],
    [{ backoff_factor: 1 }, 'backoff_factor must be an option of urllib3Retry, got an unknown name'],
  ])('refuses %j', (options, message) => {
    expect(() => urllib3Decisions(options)).toThrow(new TypeError(`urllib3Retry: ${message}`));
  });
});
