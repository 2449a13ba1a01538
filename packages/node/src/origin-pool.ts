import { Chain } from '@httpsession/core';
import type { Exchange } from './exchange.ts';
import { type ClientOwner, type ClientSettings, PooledClient } from './pooled-client.ts';

/** Limits of one origin's pool. */
export interface OriginPoolSettings extends ClientSettings {
  /** Connections at one time. */
  readonly connections: number;
  /** Told when the last connection has closed and nothing waits. */
  readonly emptied?: () => void;
}

/**
 * The connections to one origin: an idle one is used first, the last used first; above the limit requests queue in order.
 *
 * (undici's own Pool opens a second connection when the next request comes before its client has drained, and cannot say who waits.)
 */
export class OriginPool implements ClientOwner {
  readonly origin: string;
  readonly #settings: OriginPoolSettings;
  readonly #clients: Set<PooledClient> = new Set();
  readonly #idle: Chain<PooledClient> = new Chain();
  readonly #queue: Chain<Exchange> = new Chain();
  /** Whether the next connection may turn out to be HTTP/2, on which all that waits has room. */
  #mayShare: boolean;
  #closed = false;

  constructor(origin: string, settings: OriginPoolSettings) {
    this.origin = origin;
    this.#settings = settings;
    this.#mayShare = settings.http2;
  }

  get stats(): { sockets: number; pending: number; queued: number } {
    let sockets = 0;
    let pending = 0;
    for (const client of this.#clients) {
      if (client.hasSocket) sockets += 1;
      pending += client.outstanding;
    }
    return { sockets, pending, queued: this.#queue.size };
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Sends now or queues. */
  send(exchange: Exchange): void {
    const client = this.#free();
    if (client === null) this.#enqueue(exchange);
    else exchange.assigned(client);
  }

  /** Sends on a connection that is made for it: one that was kept has just turned out to be dead, and the others are as old. */
  sendAnew(exchange: Exchange): void {
    // All streams of a connection die with it: the first has made another.
    if (this.#mayShareNext()) {
      this.#enqueue(exchange);
      return;
    }
    if (this.#clients.size >= this.#settings.connections) {
      let old = this.#idle.first;
      // One that has room for more (pipelining, HTTP/2) may be busy: what is on it would end with it.
      while (old !== null && old.outstanding > 0) old = old.after;
      if (old !== null) this.#remove(old);
    }
    if (this.#clients.size < this.#settings.connections) exchange.assigned(this.#connect());
    else this.send(exchange);
  }

  /** The exchange does not want to wait any longer. */
  leave(exchange: Exchange): void {
    this.#queue.remove(exchange);
  }

  released(client: PooledClient): void {
    if (this.#closed) return;
    if (!this.#clients.has(client)) return;
    if (client.outstanding < client.capacity) this.#offer(client);
  }

  connected(client: PooledClient): void {
    // HTTP/2, pipelining: what waited for this connection fits on it, and so does what comes next.
    while (client.outstanding < client.capacity && this.#queue.size > 0) this.#offer(client);
    if (client.outstanding < client.capacity) this.#offer(client);
    if (this.#settings.http2) this.#share(client.protocol === 'h2');
  }

  passOn(client: PooledClient, age: number): boolean {
    const next = this.#queue.first;
    // One that is as old as the next would let it become is stuck: passed on from one to another, it would stand in the way for ever.
    if (next === null || this.#closed || age + timerGrain >= next.connectLimit) return false;
    this.#queue.remove(next);
    next.assigned(client);
    return true;
  }

  disconnected(client: PooledClient): void {
    // What waited for a connection that was never made tries for itself, and at once, instead of one after another.
    if (this.#settings.http2 && client.connectionId === 0) this.#share(false);
    if (client.outstanding > 0) return; // it connects again for what it has
    this.#remove(client);
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (let exchange = this.#queue.shift(); exchange !== null; exchange = this.#queue.shift())
      exchange.refused();
    await Promise.all([...this.#clients].map((client) => client.destroy()));
    this.#clients.clear();
  }

  #free(): PooledClient | null {
    for (let client = this.#idle.last; client !== null; client = this.#idle.last) {
      // One that has room for more stays.
      if (client.outstanding + 1 >= client.capacity) this.#idle.remove(client);
      if (client.outstanding < client.capacity) return client;
    }
    if (this.#clients.size >= this.#settings.connections) return null;
    return this.#mayShareNext() ? null : this.#connect();
  }

  /** One HTTP/2 connection carries all: wait for the one that is being made instead of making fifty. */
  #mayShareNext(): boolean {
    return this.#mayShare && [...this.#clients].some((client) => client.isConnecting);
  }

  #enqueue(exchange: Exchange): void {
    this.#queue.add(exchange);
    exchange.queued();
  }

  #share(may: boolean): void {
    this.#mayShare = may;
    if (may || this.#closed) return;
    for (let next = this.#queue.first; next !== null; next = this.#queue.first) {
      const client = this.#free();
      if (client === null) return;
      this.#queue.remove(next);
      next.assigned(client);
    }
  }

  #connect(): PooledClient {
    const client = new PooledClient(this.origin, this.#settings, this);
    this.#clients.add(client);
    return client;
  }

  #offer(client: PooledClient): void {
    const next = this.#queue.shift();
    if (next !== null) {
      next.assigned(client);
    } else if (client.outstanding === 0 && !client.hasSocket && !client.isConnecting) {
      this.#remove(client);
    } else if (client.chain === null) {
      this.#idle.add(client);
    }
  }

  #remove(client: PooledClient): void {
    if (!this.#clients.delete(client)) return;
    this.#idle.remove(client);
    void client.destroy();
    // A place is free for the next in the queue.
    const next = this.#queue.first;
    if (this.#closed) return;
    if (next === null) {
      if (this.#clients.size === 0) this.#settings.emptied?.();
      return;
    }
    const other = this.#free();
    if (other === null) return;
    this.#queue.remove(next);
    next.assigned(other);
  }
}

// Timers may fire up to a millisecond early: a request that gave up because its time to connect was over must not pass the connection on.
const timerGrain = 1;
