// A hook sees every response. There are five more: before a request, redirect or retry, after the call, and when it fails.
import { Session } from 'httpsession';

const [base = 'http://127.0.0.1:8000'] = process.argv.slice(2);

await using session = new Session({
  baseUrl: base,
  hooks: { afterExchange: (response, request) => console.log(response.status, request.target.path) },
});
await session.get('/old');
