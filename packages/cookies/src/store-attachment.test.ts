import { describe, expect, it } from 'vitest';
import { CookieJar } from './cookie-jar.ts';
import { MemoryStore } from './memory-store.ts';
import type { SessionStore, StoreBucket, StoreDelta, StoreOp } from './session-store.ts';

const U = 'https://app.example.com/';

/** A store that counts, fails on demand and answers only when the test lets it. */
class SlowStore implements SessionStore {
  readonly inner: MemoryStore = new MemoryStore();
  readonly applied: (readonly StoreOp[])[] = [];
  failing = false;
  gate: Promise<void> = Promise.resolve();

  async load(bucket: string): Promise<StoreBucket> {
    const snapshot = await this.inner.load(bucket);
    await this.gate;
    return snapshot;
  }

  async apply(bucket: string, ops: readonly StoreOp[], origin: string): Promise<number> {
    if (this.failing) throw new Error('store is down');
    this.applied.push(ops);
    return this.inner.apply(bucket, ops, origin);
  }

  watch(listener: (delta: StoreDelta | 'reset') => void): Promise<AsyncDisposable> {
    return this.inner.watch(listener);
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('attach', () => {
  it('saves a jar and restores it in another', async () => {
    const store = new MemoryStore();
    const jar = new CookieJar();
    jar.setCookie('before=1; HttpOnly', U);
    {
      await using _attachment = await jar.attach(store);
      jar.setFromResponse(
        ['a=1; Path=/x; Secure', 'b=2; Domain=example.com; Max-Age=600; SameSite=Lax', 'c=3'],
        U,
      );
      jar.delete('c');
    }
    const restored = new CookieJar();
    await using _other = await restored.attach(store);
    expect([...restored]).toEqual([...jar]);
  });

  it('writes the cookies of one response in one go, each as a record of its own', async () => {
    const store = new SlowStore();
    const jar = new CookieJar();
    const attachment = await jar.attach(store);
    jar.setFromResponse(['a=1', 'b=2', 'a=3', 'gone=1', 'gone=; Max-Age=0'], U);
    await attachment.flush();
    expect(store.applied.map((ops) => ops.map(({ kind, id }) => `${kind} ${id}`))).toEqual([
      ['set app.example.com;h/;a', 'set app.example.com;h/;b', 'delete app.example.com;h/;gone'],
    ]);
    await attachment.close();
    jar.setCookie('late=1', U);
    await settled();
    expect(store.applied).toHaveLength(1);
  });

  it('carries changes from jar to jar while both live', async () => {
    const store = new MemoryStore();
    const [one, two] = [new CookieJar(), new CookieJar()];
    await using _a = await one.attach(store);
    await using _b = await two.attach(store);
    expect(_b.ready(U)).toBeUndefined();
    one.setCookie('a=1', U);
    await settled();
    expect(two.getCookieString(U)).toBe('a=1');
    one.setCookie('a=2', U);
    two.setCookie('b=1', U);
    await settled();
    one.delete('b');
    await settled();
    expect([one.getCookieString(U), two.getCookieString(U)]).toEqual(['a=2', 'a=2']);
  });

  it('loads site by site from a store that cannot list', async () => {
    const store = new SlowStore();
    const [one, two] = [new CookieJar(), new CookieJar()];
    const writing = await one.attach(store);
    const reading = await two.attach(store);
    one.setCookie('a=1', U);
    await writing.flush();
    expect(two.getCookieString(U)).toBe('');
    await reading.ready(U);
    expect(two.getCookieString(U)).toBe('a=1');
    expect(reading.ready(`${U}other`)).toBeUndefined();
    one.setCookie('a=2', U);
    await writing.flush();
    expect(two.getCookieString(U)).toBe('a=2');
    expect(() => reading.ready('nope')).toThrow(TypeError);
  });

  it('keeps every cookie when many jars write at once, and all end up equal', async () => {
    const store = new MemoryStore();
    const options = { limits: { perHost: Number.POSITIVE_INFINITY } };
    const jars = Array.from({ length: 8 }, () => new CookieJar(options));
    const attachments = await Promise.all(jars.map((jar) => jar.attach(store)));
    await Promise.all(attachments.map((attachment) => attachment.ready(U)));
    for (let i = 0; i < 50; i++) {
      jars.forEach((jar, j) => {
        jar.setCookie(`own${j}_${i}=1`, U);
        jar.setCookie(`shared=${j}_${i}`, U);
      });
      if (i % 7 === 0) await settled();
    }
    await Promise.all(attachments.map((attachment) => attachment.flush()));
    await settled();
    const late = new CookieJar(options);
    await late.attach(store);
    const names = (jar: CookieJar): string[] => [...jar].map(({ name, value }) => `${name}=${value}`).sort();
    expect(late.size).toBe(401);
    for (const jar of jars) expect(names(jar)).toEqual(names(late));
  });

  it('does not let a slow load undo what happened meanwhile', async () => {
    const store = new SlowStore();
    const writer = new CookieJar();
    const first = await writer.attach(store);
    writer.setFromResponse(['a=old', 'b=old', 'c=old'], U);
    await first.flush();
    let open: () => void = () => undefined;
    store.gate = new Promise((resolve) => {
      open = resolve;
    });
    const jar = new CookieJar();
    const attachment = await jar.attach(store);
    const loading = attachment.ready(U);
    await settled();
    jar.setCookie('a=new', U);
    await attachment.flush();
    writer.delete('c');
    await first.flush();
    open();
    await loading;
    expect({ ...jar.toObject(U) }).toEqual({ a: 'new', b: 'old' });
  });

  it('keeps what a failing store did not take, reports it on flush and writes it later', async () => {
    const store = new SlowStore();
    const jar = new CookieJar();
    const attachment = await jar.attach(store);
    store.failing = true;
    jar.setCookie('a=1', U);
    await expect(attachment.flush()).rejects.toThrow('store is down');
    expect(jar.getCookieString(U)).toBe('a=1');
    store.failing = false;
    await attachment.flush();
    expect([...(await store.load('example.com')).entries].map(([id]) => id)).toEqual([
      'app.example.com;h/;a',
    ]);
    store.failing = true;
    jar.setCookie('b=1', U);
    await expect(attachment.close()).rejects.toThrow('store is down');
  });

  it('loads anew after a reset and after a gap', async () => {
    const store = new MemoryStore();
    let tell: (delta: StoreDelta | 'reset') => void = () => undefined;
    const deaf: SessionStore = {
      load: (bucket) => store.load(bucket),
      apply: (bucket, ops, origin) => store.apply(bucket, ops, origin),
      watch: async (listener) => {
        tell = listener;
        return { [Symbol.asyncDispose]: async () => undefined };
      },
    };
    const jar = new CookieJar();
    const attachment = await jar.attach(deaf);
    await attachment.ready(U);
    const other = new CookieJar();
    const writing = await other.attach(store);
    other.setCookie('a=1', U);
    await writing.flush();
    tell('reset');
    await settled();
    expect(jar.getCookieString(U)).toBe('a=1');
    other.setCookie('b=2', U);
    await writing.flush();
    other.delete('a');
    await writing.flush();
    tell({ bucket: 'example.com', version: 9, ops: [], origin: 'x' });
    await settled();
    expect(jar.getCookieString(U)).toBe('b=2');
  });

  it('never deletes in the store what has merely expired here', async () => {
    let now = Date.now();
    const store = new SlowStore();
    const jar = new CookieJar({ now: () => now });
    const attachment = await jar.attach(store);
    jar.setCookie('a=1; Max-Age=10', U);
    await attachment.flush();
    now += 10_000;
    expect(jar.size).toBe(0);
    await attachment.close();
    expect(store.applied.flat().map(({ kind }) => kind)).toEqual(['set']);
  });

  it('refuses a record that breaks the rules', async () => {
    const store = new MemoryStore();
    await store.apply(
      'example.com',
      [
        {
          kind: 'set',
          id: 'x',
          record: '{"name":"a","value":"1\\r\\n","domain":"example.com","path":"/","created":0}',
        },
      ],
      'x',
    );
    await expect(new CookieJar().attach(store)).rejects.toThrow(/holds a character that no cookie can/);
  });
});

describe('applyChanges', () => {
  it('keeps one jar a replica of another', () => {
    const [one, two] = [new CookieJar(), new CookieJar()];
    one.onChange((change) => two.applyChanges([change]));
    one.setCookie('a=1', U);
    one.setCookie('b=1; Domain=example.com', U);
    one.set('a', '2', { url: U, secure: false });
    one.delete('b');
    expect([...two]).toEqual([...one]);
  });
});
