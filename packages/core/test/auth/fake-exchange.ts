import type { Auth, AuthRequest, AuthResponse } from '../../src/auth/auth.ts';

/** A request that holds just what a credential may see. */
export class FakeRequest implements AuthRequest {
  readonly method: string;
  readonly url: string;
  readonly body: Uint8Array | null;
  readonly replayable: boolean;
  readonly signal: AbortSignal | undefined;
  readonly headers: ReadonlyMap<string, string>;

  constructor(
    url: string,
    init: Partial<Pick<FakeRequest, 'method' | 'body' | 'replayable' | 'signal' | 'headers'>> = {},
  ) {
    this.url = url;
    this.method = init.method ?? 'GET';
    this.body = init.body ?? null;
    this.replayable = init.replayable ?? true;
    this.signal = init.signal;
    this.headers = init.headers ?? new Map();
  }

  get origin(): string {
    return new URL(this.url).origin;
  }

  header(name: string): string | undefined {
    return this.headers.get(name.toLowerCase());
  }

  withHeader(name: string, value: string | null): this {
    const headers = new Map(this.headers);
    if (value === null) headers.delete(name.toLowerCase());
    else headers.set(name.toLowerCase(), value);
    return new FakeRequest(this.url, { ...this, headers }) as this;
  }

  withUrl(url: string): this {
    return new FakeRequest(url, this) as this;
  }

  bodyBytes(): Uint8Array | null {
    if (!this.replayable) throw new Error('the body can be read only once');
    return this.body;
  }
}

/** A server in memory: one request in, one response out. */
export type FakeServer = (request: FakeRequest) => AuthResponse | Promise<AuthResponse>;

/** Sends one message through a credential, as the authenticate layer does, and gives the last response. */
export async function exchange(auth: Auth, request: FakeRequest, server: FakeServer): Promise<AuthResponse> {
  if (!auth.flow) return server((await auth.sign?.(request)) as FakeRequest);
  const flow = auth.flow(request);
  let turn = await flow.next(undefined as never);
  let response: AuthResponse | undefined;
  while (!turn.done) {
    response = await server(turn.value as FakeRequest);
    turn = await flow.next(response);
  }
  if (!response) throw new Error('the flow sent nothing');
  return response;
}

/** A response of status and headers; a list makes several lines of one name. */
export function reply(
  status: number,
  headers: Record<string, string | readonly string[]> = {},
): AuthResponse {
  const lines = new Headers();
  for (const [name, values] of Object.entries(headers)) {
    for (const value of typeof values === 'string' ? [values] : values) lines.append(name, value);
  }
  return { status, headers: lines };
}

/** A request to a small API. */
export const get = (
  url = 'https://api.example/items',
  init: ConstructorParameters<typeof FakeRequest>[1] = {},
): FakeRequest => new FakeRequest(url, init);
