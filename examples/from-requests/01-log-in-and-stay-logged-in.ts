// Log in once; the session keeps the cookie.
import { Session } from 'httpsession';

const [base = 'http://127.0.0.1:8000'] = process.argv.slice(2);

await using session = new Session({ baseUrl: base });
await session.post('/login', { form: { user: 'ada', password: 'lovelace' } });
const page = await session.get('/account');
console.log(page.status, await page.text());
console.log('cookies:', Object.keys(session.cookies.toObject()).join(', '));
