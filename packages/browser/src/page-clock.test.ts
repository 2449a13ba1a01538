import { Timer } from '@httpsession/core';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { PageClock } from './page-clock.ts';

// As `useClock` has it: core's Timer takes whatever clock is the common one, which here would be that of another platform.
const started = (clock: PageClock, delay: number, timedOut: (name: string) => void, name = 't'): Timer => {
  const timer = new Timer({ timedOut }, name);
  timer.due = performance.now() + delay;
  clock.add(timer, delay, performance.now());
  return timer;
};

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it.each([2, 100, 2_500, 2_501, 60_000, 3_600_000])('fires after %d ms, and not before', async (delay) => {
  const fired = vi.fn();
  started(new PageClock(), delay, fired, 'mine');
  await vi.advanceTimersByTimeAsync(delay - 2);
  expect(fired).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(2);
  expect(fired.mock.calls).toEqual([['mine']]);
});

it('takes one setTimeout for all, whatever comes and goes', () => {
  const clock = new PageClock();
  for (let round = 0; round < 10; round += 1) {
    const timers = [60_000, 10_000, 5_000].map((delay) => started(clock, delay, vi.fn()));
    expect(vi.getTimerCount()).toBe(1);
    for (const timer of timers) clock.remove(timer);
  }
  vi.advanceTimersByTime(2_500);
  expect(vi.getTimerCount()).toBe(0);
});

it('does not wake again and again for one that is due late: hidden pages hold such a chain up, by a minute for each', async () => {
  const wakes = vi.spyOn(globalThis, 'setTimeout');
  const fired = vi.fn();
  started(new PageClock(), 60_000, fired);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(fired).toHaveBeenCalledTimes(1);
  expect(wakes.mock.calls.length).toBeLessThanOrEqual(2);
});

it('fires after a wait that setTimeout does not know', async () => {
  const fired = vi.fn();
  started(new PageClock(), 2 ** 31 + 5_000, fired);
  await vi.advanceTimersByTimeAsync(2 ** 31);
  expect(fired).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(fired).toHaveBeenCalledTimes(1);
});

it('wakes for one that is due before those that wait already', async () => {
  const clock = new PageClock();
  const fired: string[] = [];
  const note = (name: string) => fired.push(name);
  started(clock, 1_000, note, 'second');
  started(clock, 10, note, 'first');
  await vi.advanceTimersByTimeAsync(10);
  expect(fired).toEqual(['first']);
  await vi.advanceTimersByTimeAsync(990);
  expect(fired).toEqual(['first', 'second']);
});

it('fires those that are due together in the order of their ends, without the ones that an earlier one stopped', async () => {
  const clock = new PageClock();
  const fired: string[] = [];
  const stopped = new Timer({ timedOut: (name) => fired.push(name) }, 'stopped');
  stopped.due = performance.now() + 30.3;
  clock.add(stopped, 30.3, performance.now());
  started(clock, 30.2, () => {
    fired.push('second');
    stopped.stop();
  });
  started(clock, 30.1, (name) => fired.push(name), 'first');
  await vi.advanceTimersByTimeAsync(31);
  expect(fired).toEqual(['first', 'second']);
});

it('is not deceived by a setTimeout that was replaced, as tests do', () => {
  const clock = new PageClock();
  vi.useRealTimers();
  started(clock, 50, vi.fn());
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  started(clock, 60_000, vi.fn());
  expect(vi.getTimerCount()).toBe(1);
});
