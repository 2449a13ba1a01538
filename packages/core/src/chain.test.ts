import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Chain, type ChainLink } from './chain.ts';

class Item implements ChainLink<Item> {
  before: Item | null = null;
  after: Item | null = null;
  chain: object | null = null;
}

const itemsOf = (chain: Chain<Item>): { forwards: Item[]; backwards: Item[] } => {
  const forwards: Item[] = [];
  for (let item = chain.first; item !== null; item = item.after) forwards.push(item);
  const backwards: Item[] = [];
  for (let item = chain.last; item !== null; item = item.before) backwards.push(item);
  return { forwards, backwards };
};

describe('a chain', () => {
  it('holds what was added and not removed, in order, like an array', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('add' as const), at: fc.nat(9) }),
      fc.record({ do: fc.constant('remove' as const), at: fc.nat(9) }),
      fc.record({ do: fc.constant('shift' as const), at: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const items = Array.from({ length: 10 }, () => new Item());
        const chain = new Chain<Item>();
        let model: Item[] = [];
        for (const { do: what, at } of steps) {
          const item = items[at] as Item;
          if (what === 'shift') expect(chain.shift()).toBe(model.shift() ?? null);
          else if (what === 'remove') {
            chain.remove(item);
            model = model.filter((other) => other !== item);
          } else if (item.chain === null) {
            chain.add(item);
            model.push(item);
          }
          const { forwards, backwards } = itemsOf(chain);
          const places = (list: readonly Item[]): number[] => list.map((other) => items.indexOf(other));
          expect(places(forwards)).toEqual(places(model));
          expect(places(backwards.reverse())).toEqual(places(model));
          expect(chain.size).toBe(model.length);
        }
      }),
    );
  });

  it('leaves alone what is in another chain', () => {
    const mine = new Chain<Item>();
    const other = new Chain<Item>();
    const item = new Item();
    other.add(item);
    mine.remove(item);
    expect(mine.size).toBe(0);
    expect(other.first).toBe(item);
    other.remove(item);
    expect(item).toEqual(new Item());
  });
});
