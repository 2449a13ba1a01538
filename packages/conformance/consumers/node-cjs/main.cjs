const { Session } = require('httpsession');

const session = new Session({ baseUrl: process.argv[2] });
session
  .post('login', { form: { user: 'me' } })
  .then(async (page) =>
    console.log(
      JSON.stringify({
        hops: page.history.map(({ status }) => status),
        cookie: session.cookies.get('sid')?.value,
        body: await page.json(),
      }),
    ),
  )
  .finally(() => session.close());
