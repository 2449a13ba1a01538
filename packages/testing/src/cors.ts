import type { RequestRecord } from './recorded-request.ts';
import { type HeaderInput, pairs } from './steps.ts';

/** Whether the request is a browser asking for leave to send another one. */
export function isPreflight(request: RequestRecord): boolean {
  return request.method === 'OPTIONS' && request.header('access-control-request-method') !== undefined;
}

/** What a preflight's answer says beside {@link corsHeaders}: a page of any origin may send what it asked about. */
export function preflightHeaders(request: RequestRecord): [name: string, value: string][] {
  const asked = request.header('access-control-request-headers');
  return [
    ['access-control-allow-methods', request.header('access-control-request-method') ?? '*'],
    ...(asked === undefined ? [] : [['access-control-allow-headers', asked] as [string, string]]),
    ['access-control-allow-private-network', 'true'],
    ['access-control-max-age', '600'],
  ];
}

/** The headers that let a page of any origin read a response, each of its headers included. */
export function corsHeaders(
  request: RequestRecord,
  headers: HeaderInput | undefined,
): [name: string, value: string][] {
  const names = new Set(['content-length', ...pairs(headers).map(([name]) => name.toLowerCase())]);
  return [
    ...allowedOrigin(request),
    // A response to a request with credentials may not say `*` here (Fetch, CORS protocol).
    ['access-control-expose-headers', [...names].join(', ')],
    ['timing-allow-origin', '*'],
  ];
}

function allowedOrigin(request: RequestRecord): [name: string, value: string][] {
  const origin = request.header('origin');
  if (origin === undefined) return [['access-control-allow-origin', '*']];
  return [
    ['access-control-allow-origin', origin],
    ['access-control-allow-credentials', 'true'],
    ['vary', 'origin'],
  ];
}
