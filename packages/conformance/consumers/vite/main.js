import { Session } from 'httpsession';

const baseUrl = new URLSearchParams(location.search).get('server');
const session = new Session({ baseUrl, credentials: 'include' });
const page = await session.post('login', { form: { user: 'me' } });
globalThis.outcome = { redirected: page.redirected, body: await page.json() };
document.title = 'done';
