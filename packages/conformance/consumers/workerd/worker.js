import { Session } from 'httpsession';

export default {
  async fetch(request) {
    const baseUrl = new URL(request.url).searchParams.get('server');
    const session = new Session({ baseUrl });
    const page = await session.post('login', { form: { user: 'me' } });
    return Response.json({
      hops: page.history.map(({ status }) => status),
      cookie: session.cookies.get('sid')?.value,
      body: await page.json(),
    });
  },
};
