// A page's program: no types of Node.
import { HTTPError, Session, type SessionResponse } from 'httpsession';

const session = new Session({ baseUrl: location.href, credentials: 'include' });
const page: SessionResponse = await session.get('home');
const home: { cookie: string | null } = await page.json<{ cookie: string | null }>();
document.title = `${page.status} ${home.cookie}`;
await session
  .get('missing')
  .text()
  .catch((error: unknown) => console.log(error instanceof HTTPError ? error.response.status : error));
