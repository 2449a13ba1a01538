import { digest, Session } from 'httpsession';

// Each of these loads a part of httpsession that the page has not loaded at its start.
const session = new Session({ baseUrl: new URLSearchParams(location.search).get('server'), retry: null });

const collected = async (items, read = (item) => item) => {
  const list = [];
  for await (const item of items) list.push(await read(item));
  return list;
};

const readers = {
  lines: async () => collected((await session.get('lines')).lines()),
  chunks: async () => collected((await session.get('lines')).chunks(2), (chunk) => chunk.length),
  events: async () => collected((await session.get('events')).sse(), ({ data }) => data),
  pages: () => collected(session.paginate('page'), (page) => page.text()),
  digest: () => session.get('digest', { auth: digest('Mufasa', 'Circle of Life') }).text(),
};

globalThis.outcome = {};
for (const [name, run] of Object.entries(readers))
  outcome[name] = await run().catch(({ name, code, message }) => ({ name, code, message }));
document.title = 'done';
