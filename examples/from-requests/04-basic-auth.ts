// Basic credentials: for one call, for a session, or in the URL.
import { basic, Session } from 'httpsession';

const [base = 'http://127.0.0.1:8000'] = process.argv.slice(2);
const inside = base.replace('://', '://user:pass@');

await using anybody = new Session();
console.log((await anybody.get(`${base}/basic`)).status);
console.log((await anybody.get(`${base}/basic`, { auth: ['user', 'pass'] })).status);
console.log((await anybody.get(`${base}/basic`, { auth: basic('user', 'pass') })).status);
console.log((await anybody.get(`${inside}/basic`)).status);

await using session = new Session({ baseUrl: base, auth: basic('user', 'pass') });
console.log((await session.get('/basic')).status);
