import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import type { Dispatcher } from 'undici/index.js';

// RFC 9113 8.2.2: what belongs to one HTTP/1 connection has no place here. Host becomes :authority.
const dropped: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/** Turns a request in undici's form, its headers a flat list of names and values, into the header fields of an HTTP/2 stream. */
export const requestHeaders = (
  origin: string,
  { method, path, headers, body }: Dispatcher.DispatchOptions,
): OutgoingHttpHeaders => {
  const { protocol, host } = new URL(origin);
  const fields: Record<string, string | string[]> = Object.create(null);
  let authority = host;
  const list = headers as readonly string[];
  for (let at = 0; at + 1 < list.length; at += 2) {
    // RFC 9113 8.2: names are lower case.
    const name = (list[at] ?? '').toLowerCase();
    const value = list[at + 1] ?? '';
    if (name === 'host') authority = value;
    if (dropped.has(name)) continue;
    const before = fields[name];
    fields[name] = before === undefined ? value : [before, value].flat();
  }
  if (body instanceof Uint8Array) fields['content-length'] ??= String(body.byteLength);
  return {
    ':method': method,
    ':scheme': protocol.slice(0, -1),
    ':authority': authority,
    ':path': path,
    ...fields,
  };
};

/** The header fields of a response as a list of lines: pseudo-headers left out, repeated fields kept apart. */
export const responseHeaders = (headers: IncomingHttpHeaders, raw: unknown): string[] => {
  if (Array.isArray(raw)) {
    const lines: string[] = [];
    for (let at = 0; at + 1 < raw.length; at += 2) {
      const name = String(raw[at]);
      if (!name.startsWith(':')) lines.push(name, String(raw[at + 1]));
    }
    return lines;
  }
  return Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith(':') || value === undefined ? [] : [value].flat().flatMap((one) => [name, String(one)]),
  );
};
