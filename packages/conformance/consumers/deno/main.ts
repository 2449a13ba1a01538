import { Session } from 'httpsession';

const session = new Session({ baseUrl: Deno.args[0] ?? '' });
const page = await session.post('login', { form: { user: 'me' } });
console.log(
  JSON.stringify({
    hops: page.history.map(({ status }) => status),
    cookie: session.cookies.get('sid')?.value,
    body: await page.json(),
  }),
);
await session.close();
