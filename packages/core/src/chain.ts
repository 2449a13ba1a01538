/** What can be in a {@link Chain}: in one at a time. The members are the chain's own. */
export interface ChainLink<Item> {
  /** @internal */
  before: Item | null;
  /** @internal */
  after: Item | null;
  /** @internal */
  chain: object | null;
}

/**
 * A list whose items hold the links themselves: joining, and leaving from anywhere, takes no memory and no search.
 *
 * For what joins and leaves with every request: a `Set` makes its table anew all the time then, an array is searched.
 */
export class Chain<Item extends ChainLink<Item>> {
  first: Item | null = null;
  last: Item | null = null;
  size = 0;

  /** Appends an item that is in no chain. */
  add(item: Item): void {
    item.chain = this;
    item.before = this.last;
    if (this.last === null) this.first = item;
    else this.last.after = item;
    this.last = item;
    this.size += 1;
  }

  /** Takes out the first item, `null` when there is none. */
  shift(): Item | null {
    const { first } = this;
    if (first !== null) this.remove(first);
    return first;
  }

  /** Takes an item out; nothing happens when it is not in here. */
  remove(item: Item): void {
    if (item.chain !== this) return;
    if (item.before === null) this.first = item.after;
    else item.before.after = item.after;
    if (item.after === null) this.last = item.before;
    else item.after.before = item.before;
    this.size -= 1;
    item.chain = null;
    item.before = null;
    item.after = null;
  }
}
