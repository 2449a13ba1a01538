import type { RecordedRequest, ScenarioServer } from '@httpsession/testing';
import { letterOf } from './bench.ts';
import type { LogEntry, ParityCase, ParityRecord, ServerName } from './parity-case.ts';

/** What happened in a case, normalised: nothing in it depends on ports, boundaries or chance. */
export const recordOf = (
  parity: ParityCase,
  servers: Readonly<Partial<Record<ServerName, ScenarioServer>>>,
  outcome: unknown,
  others: Readonly<Record<string, string>>,
): ParityRecord => {
  const log: Partial<Record<ServerName, LogEntry[]>> = {};
  const names: [text: string, placeholder: string][] = [];
  for (const [key, server] of Object.entries(servers)) {
    const name = key as ServerName;
    const { origin } = server;
    const letter = letterOf(name);
    names.push([origin, `{${letter}}`], [new URL(origin).host, `{${letter}.host}`]);
    names.push(
      [`localhost:${server.port}`, `{${letter}.localhost}`],
      [`:${server.port}`, `:{${letter}.port}`],
    );
    const connections = [...new Set(server.requests.map(({ connection }) => connection))];
    const entries = server.requests.map((request) => entryOf(request, parity, connections));
    log[name] = parity.concurrent === true ? entries.sort((a, b) => (a[1] < b[1] ? -1 : 1)) : entries;
  }
  for (const [placeholder, text] of Object.entries(others)) {
    if (text !== '') names.push([text, placeholder], [text.replace('http://', ''), `${placeholder}.host`]);
  }
  return replaceAll({ log, outcome: outcome ?? null }, names) as ParityRecord;
};

const DEFAULT_HEADERS = ['authorization', 'cookie', 'content-type'];
/** Versions change with each release. */
const shown = (name: string, value: string): string =>
  name === 'user-agent' ? value.replace(/\/\d[\w.-]*/g, '/x.y.z') : value;

const LONGEST_BODY = 2_000;

const entryOf = (
  request: RecordedRequest,
  { headers: compared = DEFAULT_HEADERS, bodies = 'text', concurrent }: ParityCase,
  connections: readonly number[],
): LogEntry => {
  const headers: Record<string, string> = {};
  const type = request.header('content-type') ?? '';
  // requests sends a broken header when the caller's has no boundary: then the body tells.
  const [, boundary] =
    /boundary="?([^";]+)/.exec(type) ??
    (type.startsWith('multipart/') ? /^--([\da-f]{32})\r\n/.exec(request.bodyText) : null) ??
    [];
  const neutral = (text: string): string =>
    boundary === undefined
      ? text
      : text.replaceAll(boundary, '{boundary}').replaceAll('"{boundary}"', '{boundary}');
  for (const name of [...compared].sort()) {
    const value = request.header(name);
    if (value !== undefined)
      headers[name] = /^digest /i.test(value) ? digestFields(value) : shown(name, neutral(value));
  }
  const body = bodyOf(request, bodies, neutral);
  return [
    request.method,
    request.target,
    headers,
    body.length > LONGEST_BODY ? `[${request.body.length} bytes]` : body,
    concurrent === true ? connections.length : connections.indexOf(request.connection) + 1,
  ];
};

const bodyOf = (
  request: RecordedRequest,
  bodies: NonNullable<ParityCase['bodies']>,
  neutral: (text: string) => string,
): string => {
  if (bodies === 'ignored') return '';
  if (bodies === 'chunks') return request.chunks.map((chunk) => chunk.toString()).join('|');
  return neutral(request.bodyText);
};

/** A Digest credential without chance and order: field=value, sorted; the server judges the response itself. */
const digestFields = (value: string): string => {
  const fields = [...value.slice(7).matchAll(/([\w*]+)=(?:"((?:\\.|[^"\\])*)"|([^,\s]*))/g)].map(
    ([, name = '', quoted, bare]) =>
      `${name}=${['cnonce', 'response'].includes(name) ? '*' : (quoted ?? bare ?? '')}`,
  );
  return `Digest ${fields.sort().join(', ')}`;
};

const replaceAll = (value: unknown, names: readonly (readonly [string, string])[]): unknown => {
  if (typeof value === 'string') {
    let text = value;
    for (const [name, placeholder] of names) text = text.replaceAll(name, placeholder);
    return text;
  }
  if (Array.isArray(value)) return value.map((one) => replaceAll(one, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, replaceAll(one, names)]));
};
