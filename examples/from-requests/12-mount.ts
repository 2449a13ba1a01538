// Another transport for some URLs: here one that answers without a network. Any fetch will do, `app.fetch` of a server framework too.
import { fetchTransport, Session } from 'httpsession';

const [base = 'http://127.0.0.1:8000'] = process.argv.slice(2);

await using session = new Session();
session.mount(
  'http://api.test/',
  fetchTransport(async () => new Response('canned answer')),
);
console.log(await session.get('http://api.test/anything').text());
console.log(await session.get(`${base}/hello`).text());
