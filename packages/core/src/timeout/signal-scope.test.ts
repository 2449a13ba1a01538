import { describe, expect, it } from 'vitest';
import { SignalScope } from './signal-scope.ts';

class CountedSignal extends EventTarget {
  aborted = false;
  reason: unknown = undefined;
  listeners = 0;

  override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
    this.listeners += 1;
    super.addEventListener(...args);
  }

  override removeEventListener(...args: Parameters<EventTarget['removeEventListener']>): void {
    this.listeners -= 1;
    super.removeEventListener(...args);
  }

  abort(reason: unknown): void {
    this.aborted = true;
    this.reason = reason;
    this.dispatchEvent(new Event('abort'));
  }
}

const listener = () => {
  const reasons: unknown[] = [];
  return { reasons, cancelled: (reason: unknown) => void reasons.push(reason) };
};

describe('SignalScope', () => {
  it('has one listener while anybody hangs on the signal, and none after', () => {
    const signal = new CountedSignal();
    const scope = SignalScope.of(signal as unknown as AbortSignal);
    expect(SignalScope.of(signal as unknown as AbortSignal)).toBe(scope);
    const many = Array.from({ length: 100 }, listener);
    for (const one of many) scope.subscribe(one);
    expect(signal.listeners).toBe(1);
    for (const one of many) scope.unsubscribe(one);
    expect(signal.listeners).toBe(0);
    scope.unsubscribe(listener());
    expect(signal.listeners).toBe(0);
  });

  it('cancels each that is subscribed once, with the reason itself, and late ones at once', () => {
    const signal = new CountedSignal();
    const scope = SignalScope.of(signal as unknown as AbortSignal);
    const [kept, left, late] = [listener(), listener(), listener()];
    scope.subscribe(kept);
    scope.subscribe(left);
    scope.unsubscribe(left);
    const reason = { any: 'value' };
    signal.abort(reason);
    scope.subscribe(late);
    expect([kept.reasons, left.reasons, late.reasons]).toEqual([[reason], [], [reason]]);
    expect(kept.reasons[0]).toBe(reason);
    expect(signal.listeners).toBe(0);
  });
});
