// What a call gives is laid over the session's settings; null removes, undefined inherits.
import { Session, type SessionResponse } from 'httpsession';

const [base = 'http://127.0.0.1:8000'] = process.argv.slice(2);

const show = async (response: SessionResponse): Promise<void> => {
  const { target, headers } = await response.json<{
    target: string;
    headers: [name: string, value: string][];
  }>();
  const own = headers
    .map(([name, value]) => `${name.toLowerCase()}: ${value}`)
    .filter((line) => line.startsWith('x-'))
    .sort();
  console.log(target, `[${own.map((line) => `'${line}'`).join(', ')}]`);
};

await using session = new Session({
  baseUrl: base,
  headers: { 'X-A': 'session', 'X-B': 'session' },
  params: { page: 1, lang: 'en' },
});
await show(await session.get('/echo'));
await show(await session.get('/echo', { headers: { 'x-b': 'call' }, params: { page: 2 } }));
await show(await session.get('/echo', { headers: { 'X-A': null }, params: { lang: null } }));
await show(await session.get('/echo'));
