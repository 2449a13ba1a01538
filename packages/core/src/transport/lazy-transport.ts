import { SessionClosedError } from '../errors.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import type { SessionResponse } from '../response/session-response.ts';
import { orCancelled } from '../timeout/or-cancelled.ts';
import type { Transport, TransportStats } from './transport.ts';

/** A transport beside a platform's own, made when its first request comes: for what few sessions ask for, and only its code can do. */
export class LazyTransport {
  readonly #make: () => Promise<Transport>;
  #transport: Transport | null = null;
  #making: Promise<Transport> | null = null;
  #closed = false;

  /** @param make - loads the code and makes the transport; asked again after it failed */
  constructor(make: () => Promise<Transport>) {
    this.#make = make;
  }

  send(request: PreparedRequest): Promise<SessionResponse> {
    if (this.#closed) return Promise.reject(new SessionClosedError({ request }));
    return this.#transport === null ? this.#sendLater(request) : this.#transport.send(request);
  }

  stats(): TransportStats {
    return this.#transport?.stats?.() ?? nothingYet;
  }

  /** Ends what is under way. A transport that is still being made is closed when it is there. */
  async close(): Promise<void> {
    this.#closed = true;
    const made = await this.#making?.catch(() => null); // what could not be made needs no end
    await made?.close();
  }

  async #sendLater(request: PreparedRequest): Promise<SessionResponse> {
    const transport = await orCancelled(this.#load(), request.scope);
    if (this.#closed) throw new SessionClosedError({ request });
    return transport.send(request);
  }

  #load(): Promise<Transport> {
    this.#making ??= this.#make().then(
      (transport) => {
        this.#transport = transport;
        return transport;
      },
      (error) => {
        this.#making = null;
        throw error;
      },
    );
    return this.#making;
  }
}

const nothingYet: TransportStats = Object.freeze({ sockets: 0, pending: 0, queued: 0, unreadBodies: 0 });
