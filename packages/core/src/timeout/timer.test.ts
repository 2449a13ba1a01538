import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { sharedClock } from './shared-clock.ts';
import { Timer, useClock } from './timer.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const recorder = (): { fired: [name: string, at: number][]; timedOut(name: string): void } => {
  const fired: [string, number][] = [];
  return { fired, timedOut: (name) => void fired.push([name, performance.now()]) };
};

/** More of them than the shared clock waits for. */
const microtasks = async (): Promise<void> => {
  for (let hop = 0; hop < 200; hop += 1) await Promise.resolve();
};

const clocks = [
  ['with a setTimeout of its own', null],
  ['on the shared clock', sharedClock],
] as const;

describe.each(clocks)('a timer %s', (_, clock) => {
  beforeEach(() => useClock(clock));
  afterEach(() => useClock(null));

  it('fires once, when its time has come', () => {
    const owner = recorder();
    const startedAt = performance.now();
    const timer = new Timer(owner, 'a');
    timer.start(100);
    vi.advanceTimersByTime(98);
    expect(owner.fired).toEqual([]);
    vi.advanceTimersByTime(1000);
    expect(owner.fired.map(([name]) => name)).toEqual(['a']);
    expect((owner.fired[0]?.[1] ?? 0) - startedAt).toBeLessThanOrEqual(101);
    expect(timer.running).toBe(false);
  });

  it('that was stopped does not fire, and leaves no setTimeout that would keep the process', async () => {
    const owner = recorder();
    const timer = new Timer(owner, 'a');
    timer.start(100);
    timer.stop();
    timer.stop();
    await microtasks();
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(1000);
    expect(owner.fired).toEqual([]);
  });

  it('started again counts from then', () => {
    const owner = recorder();
    const timer = new Timer(owner, 'a');
    timer.start(100);
    vi.advanceTimersByTime(80);
    timer.start(100);
    vi.advanceTimersByTime(80);
    expect(owner.fired).toEqual([]);
    vi.advanceTimersByTime(30);
    expect(owner.fired).toHaveLength(1);
  });

  it.each([2 ** 31 - 1, 2 ** 31, 2 ** 31 + 5, 2 ** 33])('of %d ms does not fire at once', (delay) => {
    const owner = recorder();
    const timer = new Timer(owner, 'a');
    timer.start(delay);
    vi.advanceTimersByTime(60_000);
    expect(owner.fired).toEqual([]);
    vi.advanceTimersByTime(delay);
    expect(owner.fired).toHaveLength(1);
  });

  it('of Infinity never runs', () => {
    const timer = new Timer(recorder(), 'a');
    timer.start(Number.POSITIVE_INFINITY);
    expect(timer.running).toBe(false);
  });

  it('may stop, start and throw while others fire', () => {
    const owner = recorder();
    const other = new Timer(owner, 'other');
    const again = new Timer(owner, 'again');
    const first = new Timer(
      {
        timedOut: () => {
          other.stop();
          again.start(10);
        },
      },
      'first',
    );
    first.start(50);
    other.start(50);
    new Timer(owner, 'last').start(50);
    vi.advanceTimersByTime(51);
    expect(owner.fired.map(([name]) => name)).toEqual(['last']);
    vi.advanceTimersByTime(11);
    expect(owner.fired.map(([name]) => name)).toEqual(['last', 'again']);
  });

  it('works on after the global setTimeout was replaced', () => {
    const owner = recorder();
    new Timer(owner, 'lost').start(1000);
    vi.useRealTimers();
    vi.useFakeTimers();
    const timer = new Timer(owner, 'found');
    timer.start(5000);
    vi.advanceTimersByTime(10_000);
    expect(owner.fired.map(([name]) => name)).toContain('found');
    timer.stop();
  });
});

it('timers on the shared clock have one setTimeout between them', async () => {
  useClock(sharedClock);
  onTestFinished(() => useClock(null));
  const timers = [5, 10, 10, 20, 1000].map((delay) => {
    const timer = new Timer(recorder(), 'a');
    timer.start(delay);
    return timer;
  });
  expect(vi.getTimerCount()).toBe(1);
  for (const timer of timers) timer.stop();
  await microtasks();
  expect(vi.getTimerCount()).toBe(0);
});

it('requests one after another, with limits one in another, set one setTimeout', async () => {
  useClock(sharedClock);
  onTestFinished(() => useClock(null));
  const set = vi.spyOn(globalThis, 'setTimeout');
  onTestFinished(() => set.mockRestore());
  const [total, attempt, headers] = ['total', 'attempt', 'headers'].map(
    (name) => new Timer(recorder(), name),
  );
  for (let request = 0; request < 5; request += 1) {
    total?.start(60_000);
    attempt?.start(20_000);
    headers?.start(10_000);
    for (const timer of [headers, attempt, total]) timer?.stop();
    await Promise.resolve();
  }
  expect(set).toHaveBeenCalledTimes(1);
  await microtasks();
  expect(vi.getTimerCount()).toBe(0);
});

it('a timer that starts while the shared setTimeout is being given up fires in time', async () => {
  useClock(sharedClock);
  onTestFinished(() => useClock(null));
  const owner = recorder();
  for (let wait = 0; wait < 100; wait += 1) {
    const stopped = new Timer(owner, 'stopped');
    stopped.start(10_000);
    stopped.stop();
    for (let hop = 0; hop < wait; hop += 1) await Promise.resolve();
    new Timer(owner, `started after ${wait}`).start(5_000);
    vi.advanceTimersByTime(5_001);
    expect(owner.fired.map(([name]) => name)).toEqual([`started after ${wait}`]);
    owner.fired.length = 0;
    await microtasks();
    expect(vi.getTimerCount()).toBe(0);
  }
});

it('a timer of its own depends on no setTimeout that another one has set', () => {
  const owner = recorder();
  // workerd forgets the timers of a request that has ended.
  new Timer(owner, 'forgotten').start(50);
  vi.clearAllTimers();
  new Timer(owner, 'mine').start(100);
  vi.advanceTimersByTime(1000);
  expect(owner.fired.map(([name]) => name)).toEqual(['mine']);
});

it.each(clocks)(
  'any number of timers %s fire in time and in order, however they are started and stopped',
  (_, clock) => {
    useClock(clock);
    onTestFinished(() => useClock(null));
    const step = fc.record({
      timer: fc.nat({ max: 7 }),
      action: fc.constantFrom('start' as const, 'stop' as const),
      delay: fc.constantFrom(10, 20, 35, 100, 250),
      wait: fc.nat({ max: 60 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        vi.useFakeTimers();
        const fired: string[] = [];
        const expected = new Map<string, number>();
        const owner = {
          timedOut: (name: string) => {
            fired.push(name);
            const due = expected.get(name);
            expect(due).toBeDefined();
            expect(Math.abs(performance.now() - (due ?? 0))).toBeLessThanOrEqual(2);
            expected.delete(name);
          },
        };
        const timers = Array.from({ length: 8 }, (_, at) => new Timer(owner, String(at)));
        for (const { timer: at, action, delay, wait } of steps) {
          const timer = timers[at];
          if (action === 'start') {
            timer?.start(delay);
            expected.set(String(at), performance.now() + delay);
          } else {
            timer?.stop();
            expected.delete(String(at));
          }
          vi.advanceTimersByTime(wait);
        }
        vi.advanceTimersByTime(1000);
        expect(expected.size).toBe(0);
        expect(timers.some(({ running }) => running)).toBe(false);
      }),
      { numRuns: 200 },
    );
  },
);
