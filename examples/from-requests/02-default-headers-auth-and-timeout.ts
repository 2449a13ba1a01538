// Headers, credentials and a time limit for every request.
import { basic, Session, TimeoutError } from 'httpsession';

const [base = 'http://127.0.0.1:8000'] = process.argv.slice(2);

await using session = new Session({
  baseUrl: base,
  headers: { 'User-Agent': 'MyApp/1.0', Accept: 'application/json' },
  auth: basic('user', 'pass'),
  timeout: { connect: 3_000, headers: 10_000 }, // milliseconds
  retry: null, // requests retries nothing by default; here it would be 2
});

const sent = await session.get('/echo').json<{ headers: [name: string, value: string][] }>();
const headers = new Headers(sent.headers);
for (const name of ['user-agent', 'accept', 'authorization']) console.log(`${name}:`, headers.get(name));

try {
  await session.get('/slow', { timeout: { headers: 200 } });
} catch (error) {
  if (!(error instanceof TimeoutError)) throw error;
  console.log('the server was too slow');
}
