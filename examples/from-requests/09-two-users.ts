// Two sessions know nothing of each other.
import { Session } from 'httpsession';

const [base = 'http://127.0.0.1:8000'] = process.argv.slice(2);

await using ada = new Session({ baseUrl: base });
await using bob = new Session({ baseUrl: base });
await using nobody = new Session({ baseUrl: base });
await ada.post('/login', { form: { user: 'ada', password: 'lovelace' } });
await bob.post('/login', { form: { user: 'bob', password: 'kahn' } });
for (const [name, session] of Object.entries({ ada, bob, nobody })) {
  const page = await session.get('/account');
  console.log(`${name}: ${page.status} ${await page.text()}`);
}
