/**
 * A map that forgets: two generations, the older dropped when the younger is full. Costs one lookup per hit, needs no
 * list of uses, and holds at most twice its limits.
 */
export class BoundedMemo<V> {
  readonly #maxEntries: number;
  readonly #maxWeight: number;
  #young: Map<string, V> = new Map();
  #old: Map<string, V> = new Map();
  #weight = 0;

  /** @param maxWeight - characters that keys and charges may add up to in one generation */
  constructor(maxEntries: number, maxWeight: number) {
    this.#maxEntries = maxEntries;
    this.#maxWeight = maxWeight;
  }

  get(key: string): V | undefined {
    return this.#young.get(key) ?? this.#promote(key);
  }

  set(key: string, value: V): void {
    // A key that large is dearer to keep than to work out again.
    if (key.length > MAX_KEY_LENGTH) return;
    if (this.#young.size >= this.#maxEntries) this.#rotate();
    this.#young.set(key, value);
    this.charge(key.length);
  }

  /** Counts text that values hold beyond their keys. */
  charge(weight: number): void {
    this.#weight += weight;
    if (this.#weight > this.#maxWeight) this.#rotate();
  }

  clear(): void {
    this.#young = new Map();
    this.#old = new Map();
    this.#weight = 0;
  }

  #promote(key: string): V | undefined {
    const value = this.#old.get(key);
    if (value !== undefined) {
      this.#old.delete(key);
      this.set(key, value);
    }
    return value;
  }

  #rotate(): void {
    this.#old = this.#young;
    this.#young = new Map();
    this.#weight = 0;
  }
}

const MAX_KEY_LENGTH = 2048;
