import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How one request is answered; what is not said is as a well-behaved server does it. */
export interface FileAnswer {
  readonly content?: Buffer;
  readonly etag?: string | null;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Cuts the connection after so many bytes of the body. */
  readonly cutAfter?: number;
  /** Stops sending after so many bytes, and leaves the connection open. */
  readonly stallAfter?: number;
  readonly ignoreRange?: boolean;
  readonly ignoreIfRange?: boolean;
  /** The last byte and the total that `Content-Range` names, where they are not those of the content. */
  readonly last?: number;
  readonly total?: number | '*';
  /** Sent behind what the head announces. */
  readonly excess?: Buffer;
}

/** Serves one file with Range and If-Range; the n-th request is answered by the n-th answer, the last one for all that follow. */
export interface FileServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly IncomingMessage[];
}

export async function fileServer(content: Buffer, ...answers: readonly FileAnswer[]): Promise<FileServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    const answer = answers[Math.min(requests.push(request), answers.length) - 1] ?? {};
    serve(request, response, content, answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/file?key=secret`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const serve = (
  request: IncomingMessage,
  response: ServerResponse,
  original: Buffer,
  answer: FileAnswer,
): void => {
  const { content = original, etag = '"v1"' } = answer;
  const { last = content.length - 1, total = content.length } = answer;
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? Number.NaN);
  const condition = answer.ignoreIfRange === true ? undefined : request.headers['if-range'];
  const isSame = condition === undefined || condition === etag;
  let status = 200;
  let body = content;
  const headers: Record<string, string> = { 'accept-ranges': 'bytes', ...(etag !== null && { etag }) };
  if (Number.isInteger(from) && isSame && answer.ignoreRange !== true) {
    status = from < content.length ? 206 : 416;
    body = Buffer.alloc(0);
    headers['content-range'] = status === 206 ? `bytes ${from}-${last}/${total}` : `bytes */${total}`;
    if (status === 206) body = content.subarray(from, last + 1);
  }
  if (answer.excess !== undefined) body = Buffer.concat([body, answer.excess]);
  headers['content-length'] = String(body.length);
  for (const [name, value] of Object.entries(answer.headers ?? {})) {
    if (value === '') delete headers[name];
    else headers[name] = value;
  }
  response.writeHead(answer.status ?? status, headers);
  const end = answer.cutAfter ?? answer.stallAfter;
  if (end === undefined) response.end(body);
  else {
    response.write(body.subarray(0, end), () => {
      if (answer.cutAfter !== undefined) response.destroy();
    });
  }
};
