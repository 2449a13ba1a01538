// What can go wrong, and how it is told apart. Retries are off, so that each failure shows; leave `retry` out and passing ones do not.
import {
  ConnectionError,
  HTTPError,
  InvalidURLError,
  JSONDecodeError,
  Session,
  SessionError,
  TimeoutError,
} from 'httpsession';

const [base = 'http://127.0.0.1:8000'] = process.argv.slice(2);

await using session = new Session({ timeout: { connect: 300, headers: 300 }, retry: null });

const fetchHello = async (url: string): Promise<string> => {
  try {
    // `.json()` of a call that is not awaited yet raises for 4xx and 5xx by itself.
    const { hello } = await session.get(url).json<{ hello: string }>();
    return `got ${hello}`;
  } catch (error) {
    if (!SessionError.is(error)) throw error;
    if (error instanceof HTTPError) return `the server refused: ${error.status}`;
    if (error instanceof TimeoutError)
      return `no ${error.phase === 'connect' ? 'connection' : 'answer'} in time`;
    if (error instanceof JSONDecodeError) return 'that is no JSON';
    if (error instanceof ConnectionError) return 'no connection';
    if (error instanceof InvalidURLError) return 'that is no URL';
    return error.message;
  }
};

const urls = [
  `${base}/json`,
  `${base}/missing`,
  `${base}/slow`,
  `${base}/hello`,
  'http://127.0.0.1:1/',
  'nowhere',
];
for (const url of urls) console.log(await fetchHello(url));
