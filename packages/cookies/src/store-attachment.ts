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
  /** Cookies changed here while the bucket is being loaded: what is loaded may be older. */
  readonly changedMeanwhile: Set<string>;
  /** Cookies of the bucket that the jar holds. */
  readonly held: Set<string>;
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
  /** All buckets are known and watched: one that is not was never written, and needs no loading. */
  #complete = false;

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
    if (store.list !== undefined) {
      const buckets = await store.list();
      attachment.#complete = attachment.#watching !== undefined;
      // Those heard of or written to since are loaded too.
      await Promise.all(
        Array.from(new Set([...buckets, ...attachment.#buckets.keys()]), (bucket) =>
          attachment.#load(bucket),
        ),
      );
    }
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
    const bucket = hostScope(cookie.domain).site;
    const state = this.#state(bucket);
    const id = storeId(cookie);
    if (kind === 'set') state.held.add(id);
    else state.held.delete(id);
    // What came from the store is there; what has expired the store sees by itself, and a reader whose copy is old must
    // not delete what another process has just renewed.
    if (cause === 'store' || cause === 'expired') return;
    const op: StoreOp =
      kind === 'delete' ? { kind, id } : { kind, id, record: JSON.stringify(writeCookieJSON(cookie)) };
    state.pending.set(id, op);
    if (state.loading !== undefined) state.changedMeanwhile.add(id);
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
      confirm(ops, state.pending);
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
    state.changedMeanwhile.clear();
    const { version, entries } = await this.#store.load(bucket);
    const isNewerHere = (id: string): boolean => state.pending.has(id) || state.changedMeanwhile.has(id);
    const gone = new Set(state.held);
    const changes: ForeignChange[] = [];
    for (const [id, record] of entries) {
      gone.delete(id);
      if (!isNewerHere(id)) changes.push(storedChange(id, record));
    }
    for (const id of gone) if (!isNewerHere(id)) changes.push({ kind: 'delete', cookie: readId(id) });
    this.#jar.applyChanges(changes);
    state.version = version;
    for (const delta of state.buffered.splice(0)) this.#applyDelta(delta, state);
    // A gap among the buffered changes: the caller must not be told that all is well.
    if (state.version === undefined) await this.#loadBucket(bucket, state);
  }

  #hear(delta: StoreDelta | 'reset'): void {
    if (delta === 'reset') {
      for (const [bucket, state] of this.#buckets) this.#reload(bucket, state);
      return;
    }
    const state = this.#state(delta.bucket);
    if (state.loading !== undefined) state.buffered.push(delta);
    else if (state.version !== undefined) {
      this.#applyDelta(delta, state);
      if (state.version === undefined) this.#reload(delta.bucket, state);
    }
  }

  #reload(bucket: string, state: BucketState): void {
    state.version = undefined;
    // A failure stays visible: without a version, `ready` loads again and reports it.
    void this.#load(bucket).catch(() => undefined);
  }

  #applyDelta({ version, ops, origin }: StoreDelta, state: BucketState): void {
    if (origin === this.#origin) confirm(ops, state.pending);
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
      version: this.#complete ? 0 : undefined,
      loading: undefined,
      buffered: [],
      changedMeanwhile: new Set(),
      held: new Set(),
      pending: new Map(),
      writing: undefined,
    };
    this.#buckets.set(bucket, state);
    return state;
  }
}

/** Takes off the list what the store has, unless it was changed again since. */
function confirm(ops: readonly StoreOp[], pending: Map<string, StoreOp>): void {
  for (const op of ops) {
    const waiting = pending.get(op.id);
    if (waiting !== undefined && recordOf(waiting) === recordOf(op)) pending.delete(op.id);
  }
}

const recordOf = (op: StoreOp): string | undefined => (op.kind === 'set' ? op.record : undefined);

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
