import { type IncomingMessage, request as sendRequest } from 'node:http';
import type { Exchange } from './exchange.ts';
import { headBytes } from './response-bytes.ts';

/** Fields of one connection (RFC 9110 section 7.6.1), which a proxy does not pass on. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Sends a request in absolute form to the server its authority is mapped to, and the response back. */
export async function forwardRequest(
  exchange: Exchange,
  find: (authority: string) => string | undefined,
): Promise<void> {
  const { request } = exchange;
  const body = await exchange.body();
  const url = URL.canParse(request.target) ? new URL(request.target) : undefined;
  if (url?.protocol !== 'http:') {
    return exchange.respond({ status: 400, body: `a proxy forwards http: URLs, got ${request.target}` });
  }
  const to = find(`${url.hostname}:${url.port || 80}`);
  if (to === undefined) return exchange.respond({ status: 502, body: `nowhere to go for ${url.host}` });
  let answer: IncomingMessage;
  try {
    answer = await send(
      exchange,
      `http://${to}`,
      request.target.slice(request.target.indexOf(url.pathname, 8)) || '/',
      body,
    );
  } catch (error) {
    return exchange.respond({ status: 502, body: error instanceof Error ? error.message : String(error) });
  }
  await sendBack(exchange, answer);
}

function send(exchange: Exchange, origin: string, path: string, body: Buffer): Promise<IncomingMessage> {
  const { method, rawHeaders } = exchange.request;
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const outgoing = sendRequest({
      host: hostname === 'localhost' ? '127.0.0.1' : hostname.replace(/^\[|\]$/g, ''),
      port,
      method,
      path,
      agent: false,
      setHost: false,
      signal: exchange.signal,
      headers: rawHeaders.filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase())).flat(),
    });
    outgoing.on('response', resolve);
    outgoing.on('error', reject);
    outgoing.end(body.length > 0 ? body : undefined);
  });
}

async function sendBack(exchange: Exchange, answer: IncomingMessage): Promise<void> {
  const { request } = exchange;
  const headers: [string, string][] = [];
  for (let index = 0; index < answer.rawHeaders.length; index += 2) {
    const [name = '', value = ''] = answer.rawHeaders.slice(index, index + 2);
    if (!HOP_BY_HOP.has(name.toLowerCase())) headers.push([name, value]);
  }
  const status = answer.statusCode ?? 502;
  const bodyless = request.method === 'HEAD' || status === 204 || status === 304;
  const framed = bodyless || answer.headers['content-length'] !== undefined;
  const chunks = !framed && request.httpVersion === '1.1';
  if (chunks) headers.push(['transfer-encoding', 'chunked']);
  exchange.closes =
    (!framed && !chunks) ||
    /close/i.test(request.header('connection') ?? request.header('proxy-connection') ?? '');
  if (exchange.closes) headers.push(['connection', 'close']);
  await exchange.write(headBytes({ status, reason: answer.statusMessage ?? '', headers }));
  try {
    for await (const piece of answer as AsyncIterable<Buffer>) {
      await exchange.write(chunks ? { join: [`${piece.length.toString(16)}\r\n`, piece, '\r\n'] } : piece);
    }
  } catch {
    // The origin broke off, and a client of the proxy is to see that too.
    exchange.reset();
    return;
  }
  if (chunks) await exchange.write('0\r\n\r\n');
}
