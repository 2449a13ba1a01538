import fetchRetry from 'fetch-retry';
import { decorate, Session } from 'httpsession';

/**
 * Any decorator of fetch from npm is a middleware of a session: here one that repeats what a busy server answers 409.
 *
 * It sees one message at a time, with what it needs of a fetch, and stays where its stage puts it: called once per call here, so that
 * redirects, cookies and retries of the session are inside each of its attempts.
 * @param url a resource that is sometimes locked
 */
export async function decorateFetch(url: string, print: (line: string) => void = console.log): Promise<void> {
  await using session = new Session();
  session.use(decorate((fetch) => fetchRetry(fetch, { retryOn: [409], retries: 3, retryDelay: 10 })));
  // One of your own is as short.
  session.use(
    decorate((fetch) => async (input, init) => {
      print(`${init.method} ${input}`);
      return fetch(input, { ...init, headers: { ...init.headers, 'X-Request-Id': crypto.randomUUID() } });
    }),
  );

  const response = await session.put(url, { json: { name: 'new' } });
  print(`${response.status} after ${response.history.length} refusals`);
}
