import {
  basic,
  CookieJar,
  HTTPError,
  type Middleware,
  Session,
  SessionError,
  type SessionOptions,
  type SessionResponse,
  TimeoutError,
  type TimeoutPhase,
} from 'httpsession';

interface Home {
  readonly cookie: string | null;
}

const options: SessionOptions = {
  baseUrl: process.argv[2] ?? '',
  auth: basic('user', 'pass'),
  timeout: { connect: 3_000, total: 60_000 },
  retry: { limit: 2 },
};

const counted: Middleware = (request, next) => next(request);

const visit = async (session: Session): Promise<string> => {
  const page: SessionResponse = await session.post('login', { form: { user: 'me' } });
  const isResponse: Response = page;
  const home = await session.get('home').json<Home>();
  const sid: string | undefined = session.cookies.get('sid')?.value;
  return JSON.stringify({
    hops: page.history.map(({ status }) => status),
    cookie: sid,
    body: home,
    type: isResponse.type,
  });
};

const describe = (error: unknown): TimeoutPhase | number | string => {
  if (error instanceof TimeoutError) return error.phase;
  if (error instanceof HTTPError) return error.response.status;
  return SessionError.is(error) ? error.code : String(error);
};

const session = new Session({ ...options, cookies: new CookieJar() }).use(counted);
try {
  console.log(await visit(session));
  // @ts-expect-error the method is a text
  await session.request(1, 'home');
} catch (error) {
  console.error(describe(error));
} finally {
  await session.close();
}
