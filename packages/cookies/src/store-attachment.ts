import type { CookieChange, ForeignChange } from './cookie-change.ts';
import { hostScope } from './cookie-host.ts';
import type { CookieJar } from './cookie-jar.ts';
import { type CookieIdentity, idWithinDomain } from './cookie-record.ts';
import { readCookieJSON, writeCookieJSON } from './json-format.ts';
import { parseCookieUrl } from './request-target.ts';
import type { SessionStore, StoreDelta, StoreOp } from './session-store.ts';

/** What is known of one bucket of the store. */
interface BucketState {
  /** Version the jar is at; `undefined` until loaded, and again when a change was missed. */
  version: number | undefined;
  loading: Promise<void> | undefined;
  /** Changes heard of while the bucket is being loaded. */
  readonly buffered: StoreDelta[];
  /** Local changes the store has not confirmed, the last of each cookie. */
  readonly pending: Map<string, StoreOp>;
  writing: Promise<void> | undefined;
}

/**
 * Keeps a jar and a store in step. Local changes are in the jar at once and in the store soon after, those of one response
 * together; foreign changes reach the jar when the store tells, and lose to local ones that are still on their way.
 */
export class StoreAttachment implements AsyncDisposable {
  readonly #jar: CookieJar;
  readonly #store: SessionStore;
  readonly #origin: string = crypto.randomUUID();
  readonly #buckets: Map<string, BucketState> = new Map();
  #stopListening: () => void = () => undefined;
  #watching: AsyncDisposable | undefined;

  private constructor(jar: CookieJar, store: SessionStore) {
    this.#jar = jar;
    this.#store = store;
  }

  /** Attaches a jar: what is in it goes to the store, and a store that can list its buckets fills the jar. */
  static async open(jar: CookieJar, store: SessionStore): Promise<StoreAttachment> {
    const attachment = new StoreAttachment(jar, store);
    // Watch before loading, so that no change falls between.
    attachment.#watching = await store.watch?.((delta) => attachment.#hear(delta));
    for (const cookie of jar) attachment.#enqueue({ kind: 'set', cookie, cause: 'import' });
    attachment.#stopListening = jar.onChange((change) => attachment.#enqueue(change));
    const buckets = (await store.list?.()) ?? [];
    await Promise.all(Array.from(buckets, (bucket) => attachment.#load(bucket)));
    return attachment;
  }

  /**
   * Loads what the store has for a URL's site. `undefined`, without a promise, when the jar is up to date with it already.
   * @throws {TypeError} when the URL is no absolute http, https, ws or wss URL
   */
  ready(url: string): Promise<void> | undefined {
    const bucket = hostScope(parseCookieUrl(url).hostname).site;
    const state = this.#state(bucket);
    if (state.version !== undefined && state.loading === undefined) return undefined;
    return this.#load(bucket);
  }

  /** Writes all local changes. Rejects with the store's error when it cannot; they are kept and tried again next time. */
  async flush(): Promise<void> {
    await Promise.all(Array.from(this.#buckets, ([bucket, state]) => this.#write(bucket, state)));
  }

  /** Stops listening to both sides and writes what is left. Rejects when the store does not take it. */
  async close(): Promise<void> {
    this.#stopListening();
    try {
      await this.flush();
    } finally {
      await this.#watching?.[Symbol.asyncDispose]();
      this.#watching = undefined;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #enqueue({ kind, cookie, cause }: CookieChange): void {
    // What came from the store is there; what has expired the store sees by itself, and a reader whose copy is old must
    // not delete what another process has just renewed.
    if (cause === 'store' || cause === 'expired') return;
    const bucket = hostScope(cookie.domain).site;
    const state = this.#state(bucket);
    const id = storeId(cookie);
    const op: StoreOp =
      kind === 'delete' ? { kind, id } : { kind, id, record: JSON.stringify(writeCookieJSON(cookie)) };
    state.pending.set(id, op);
    // A failure stays visible: the changes remain pending, and flush and close report it.
    void this.#write(bucket, state).catch(() => undefined);
  }

  #write(bucket: string, state: BucketState): Promise<void> {
    state.writing ??= this.#writePending(bucket, state).finally(() => {
      state.writing = undefined;
    });
    return state.writing;
  }

  async #writePending(bucket: string, state: BucketState): Promise<void> {
    // Lets the other cookies of the same response come along.
    await undefined;
    while (state.pending.size > 0) {
      const ops = [...state.pending.values()];
      const version = await this.#store.apply(bucket, ops, this.#origin);
      for (const op of ops) if (state.pending.get(op.id) === op) state.pending.delete(op.id);
      if (state.version === undefined) continue;
      // Others wrote in between, and there is nobody to tell what: load again when the bucket is next needed.
      if (version > state.version + 1 && this.#watching === undefined) state.version = undefined;
      else if (version === state.version + 1) state.version = version;
    }
  }

  #load(bucket: string): Promise<void> {
    const state = this.#state(bucket);
    state.loading ??= this.#loadBucket(bucket, state).finally(() => {
      state.loading = undefined;
    });
    return state.loading;
  }

  async #loadBucket(bucket: string, state: BucketState): Promise<void> {
    state.buffered.length = 0;
    const { version, entries } = await this.#store.load(bucket);
    const there = new Map(entries);
    const changes: ForeignChange[] = [];
    for (const [id, record] of there) {
      if (!state.pending.has(id)) changes.push(storedChange(id, record));
    }
    for (const cookie of this.#jar) {
      const id = storeId(cookie);
      const isOurs = hostScope(cookie.domain).site === bucket;
      if (isOurs && !there.has(id) && !state.pending.has(id)) changes.push({ kind: 'delete', cookie });
    }
    this.#jar.applyChanges(changes);
    state.version = version;
    for (const delta of state.buffered.splice(0)) this.#applyDelta(delta, state);
  }

  #hear(delta: StoreDelta | 'reset'): void {
    if (delta === 'reset') {
      for (const state of this.#buckets.values()) state.version = undefined;
      return;
    }
    const state = this.#state(delta.bucket);
    if (state.loading !== undefined) state.buffered.push(delta);
    else if (state.version !== undefined) this.#applyDelta(delta, state);
  }

  #applyDelta({ version, ops, origin }: StoreDelta, state: BucketState): void {
    if (state.version === undefined || version <= state.version) return;
    if (version !== state.version + 1) {
      state.version = undefined;
      return;
    }
    state.version = version;
    if (origin === this.#origin) return;
    this.#jar.applyChanges(
      ops
        .filter((op) => !state.pending.has(op.id))
        .map((op) =>
          op.kind === 'set' ? storedChange(op.id, op.record) : { kind: 'delete', cookie: readId(op.id) },
        ),
    );
  }

  #state(bucket: string): BucketState {
    const known = this.#buckets.get(bucket);
    if (known !== undefined) return known;
    const state: BucketState = {
      version: undefined,
      loading: undefined,
      buffered: [],
      pending: new Map(),
      writing: undefined,
    };
    this.#buckets.set(bucket, state);
    return state;
  }
}

const storedChange = (id: string, record: string): ForeignChange => ({
  kind: 'set',
  cookie: readCookieJSON(JSON.parse(record), `record ${id}`),
});

// A semicolon can stand in no part of an id, see idWithinDomain.
const storeId = (cookie: CookieIdentity): string => `${cookie.domain};${idWithinDomain(cookie)}`;

function readId(id: string): CookieIdentity {
  const [domain = '', place = '', name = '', partitionKey] = id.split(';');
  return {
    domain,
    hostOnly: place.startsWith('h'),
    path: place.slice(1),
    name,
    partitionKey: partitionKey ?? null,
  };
}
