// Prepare now, look and change, send later. A prepared request never changes: each change makes a copy.
import { Session } from 'httpsession';

const [base = 'http://127.0.0.1:8000'] = process.argv.slice(2);

await using session = new Session({ baseUrl: base, headers: { 'X-App': 'demo' } });
const prepared = session.prepare('POST', '/echo', { form: { a: 1 } });
const body = new TextDecoder().decode((await prepared.bodyBytes()) ?? new Uint8Array());
console.log(prepared.method, prepared.target.path, body);

const signed = prepared.withHeader('X-Signed', 'yes');
const sent = await session
  .send(signed, { timeout: 5_000 })
  .json<{ body: string; headers: [string, string][] }>();
const own = sent.headers.filter(([name]) => ['x-app', 'x-signed'].includes(name.toLowerCase()));
console.log(sent.body, `[${own.map(([, value]) => `'${value}'`).join(', ')}]`);
