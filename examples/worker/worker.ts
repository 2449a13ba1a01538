// A worker in front of a service that wants a login: it signs in by itself and answers with what it finds behind it.
import { ConnectionError, HTTPError, Session, TimeoutError } from 'httpsession';

interface Env {
  readonly SERVICE: string;
  readonly USER: string;
  readonly PASSWORD: string;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    // One session per request, as workers share nothing between requests. It is not closed: that would end the body that is passed through,
    // and it holds nothing that the request's own end does not free.
    const session = new Session({
      baseUrl: env.SERVICE,
      timeout: { headers: 5_000, total: 20_000 },
      signal: request.signal,
    });
    try {
      return await answer(session, new URL(request.url).pathname, env);
    } catch (error) {
      if (error instanceof HTTPError) return problem(502, `the service answered ${error.status}`);
      if (error instanceof TimeoutError) return problem(504, 'the service is too slow');
      if (error instanceof ConnectionError) return problem(502, 'the service cannot be reached');
      throw error;
    }
  },
};

async function answer(session: Session, path: string, { USER, PASSWORD }: Env): Promise<Response> {
  const login = await session.post('login', { form: { user: USER, password: PASSWORD } });
  const { user } = await login.raiseForStatus().json<{ user: string }>();
  if (path === '/overview') {
    // The flaky page answers 503 with Retry-After first; the cookie of the login goes along with each attempt.
    const weather = await session.get('flaky');
    const hops = login.history.map(({ status }) => status);
    return Response.json({ user, hops, attempts: weather.attempts, ...(await weather.json<object>()) });
  }
  // Everything else is passed through, with the cookie of our login.
  const response = await session.get(`.${path}`);
  return response.toResponse();
}

const problem = (status: number, detail: string): Response =>
  Response.json({ status, detail }, { status, headers: { 'content-type': 'application/problem+json' } });
