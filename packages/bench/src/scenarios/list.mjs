// Every scenario, in the order of the report. Each is imported in the process that runs it.

const jars = ['full session', 'undici.request', 'fetch-cookie', 'got', 'superagent'];
const overTls = [
  'full session',
  'plain session',
  'undici dispatch',
  'undici.request',
  'undici.fetch',
  'fetch',
  'got',
  'axios',
  'node-fetch',
];
const overHttp2 = [
  'full session',
  'plain session',
  'undici dispatch',
  'undici.request',
  'undici.fetch',
  'got',
];

const manyCookies = Array.from({ length: 100 }, (_, n) => [`cookie${n}`, `value-of-cookie-${n}`]);

const smallJson = (options) => async (context) =>
  (await import('./small-json.mjs')).smallJson(options)(context);
const postJson = (options) => async (context) => (await import('./post-json.mjs')).postJson(options)(context);
const from = (module, name) => async (context) => (await import(module))[name](context);

export const scenarios = [
  { name: 'json-32', title: 'GET of 500 bytes of JSON, 32 in flight', run: smallJson({ concurrency: 32 }) },
  {
    name: 'json-1',
    title: 'GET of 500 bytes of JSON, one after another',
    run: smallJson({ concurrency: 1 }),
  },
  {
    name: 'json-256',
    title: 'GET of 500 bytes of JSON, 256 in flight',
    run: smallJson({ concurrency: 256 }),
  },
  {
    name: 'cookies-100',
    title: 'The same with 100 cookies in the jar, 32 in flight',
    run: smallJson({ concurrency: 32, names: jars, cookies: manyCookies }),
  },
  {
    name: 'login',
    title: 'Login: POST a form, 302 with two cookies, GET the page; 8 in flight',
    run: from('./login.mjs', 'login'),
  },
  {
    name: 'post-1k',
    title: 'POST 1 kB of JSON, 32 in flight',
    run: postJson({ size: 1_000, concurrency: 32 }),
  },
  {
    name: 'post-1m',
    title: 'POST 1 MB of JSON, 4 in flight',
    run: postJson({ size: 1_000_000, concurrency: 4 }),
  },
  { name: 'download', title: 'Download of 100 MB as a stream', run: from('./streams.mjs', 'download') },
  { name: 'upload', title: 'Upload of 100 MB from a file stream', run: from('./streams.mjs', 'upload') },
  {
    name: 'https',
    title: 'GET of 500 bytes of JSON over HTTPS, kept alive, 32 in flight',
    run: smallJson({ concurrency: 32, where: 'https', names: overTls }),
  },
  {
    name: 'http2',
    title: 'GET of 500 bytes of JSON over one HTTP/2 connection, 100 streams',
    run: smallJson({ concurrency: 100, where: 'http2', names: overHttp2 }),
  },
  {
    name: 'cold-start',
    title: 'Import and first request, each in a fresh process',
    run: from('./cold-start.mjs', 'coldStart'),
  },
  {
    name: 'memory',
    title: 'Memory of idle sessions and of waiting requests',
    run: from('./memory.mjs', 'memory'),
  },
  {
    name: 'resident-size',
    title: 'Growth of the process while 1 GB streams through',
    run: from('./resident-size.mjs', 'residentSize'),
  },
  {
    name: 'pipeline',
    title: 'The pipeline over an instant transport',
    run: from('./pipeline.mjs', 'pipeline'),
  },
  { name: 'lateness', title: 'How late limits fire', run: from('./lateness.mjs', 'lateness') },
  { name: 'cookie-jar', title: 'The cookie jar', run: from('./cookie-jar.mjs', 'cookieJar') },
  {
    name: 'wrapper-overhead',
    title: "What a session adds to the runtime's own fetch",
    run: from('./wrapper-overhead.mjs', 'wrapperOverhead'),
  },
];
