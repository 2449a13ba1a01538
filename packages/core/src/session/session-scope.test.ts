import { expect, it } from 'vitest';
import { type SessionMember, SessionScope } from './session-scope.ts';

const member = (): SessionMember & { readonly heard: unknown[] } => {
  const heard: unknown[] = [];
  return { heard, before: null, after: null, chain: null, cancelled: (reason) => void heard.push(reason) };
};

it('ends every member once, also those of its children, and not those that left', () => {
  const parent = new SessionScope(null);
  const child = new SessionScope(parent);
  const [own, left, below] = [member(), member(), member()];
  parent.join(own);
  parent.join(left);
  child.join(below);
  parent.leave(left);
  parent.cancel('closed');
  parent.cancel('again');
  expect([own.heard, left.heard, below.heard]).toEqual([['closed'], [], ['closed']]);
  expect(child.isCancelled).toBe(true);
});

it('ends a member that joins afterwards at once, by the parent as well', () => {
  const parent = new SessionScope(null);
  const child = new SessionScope(parent);
  parent.cancel('closed');
  const late = member();
  child.join(late);
  expect(late.heard).toEqual(['closed']);
  expect(child.isCancelled).toBe(true);
});

it('leaves its parent alone when it ends itself, and holds on to it only while members are there', () => {
  const parent = new SessionScope(null);
  const child = new SessionScope(parent);
  const [first, second, own] = [member(), member(), member()];
  parent.join(own);
  child.join(first);
  child.join(second);
  expect(child.chain).not.toBeNull();
  child.leave(first);
  expect(child.chain).not.toBeNull();
  child.leave(second);
  expect(child.chain).toBeNull();
  child.join(first);
  child.cancel('closed');
  expect(child.chain).toBeNull();
  expect([first.heard, own.heard, parent.isCancelled]).toEqual([['closed'], [], false]);
});

it('joins its parent no more when it has ended, however many join afterwards', () => {
  const parent = new SessionScope(null);
  const child = new SessionScope(parent);
  const [own, first, second] = [member(), member(), member()];
  child.cancel('closed');
  child.join(first);
  child.join(second);
  expect([first.heard, second.heard]).toEqual([['closed'], ['closed']]);
  expect(child.chain).toBeNull();
  parent.join(own);
  child.leave(first);
  parent.cancel('closed too');
  expect(own.heard).toEqual(['closed too']);
});
