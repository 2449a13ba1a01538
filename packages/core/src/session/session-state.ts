import type { Jar } from '../cookies/cookie-jar.ts';
import type { DownloadOptions, DownloadResult, Platform } from '../platform.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import type { SessionResponse } from '../response/session-response.ts';
import type { RetryBudget } from '../retry/retry-budget.ts';
import type { SessionScope } from './session-scope.ts';

/** What layers may know of the session that a call belongs to. */
export interface SessionState {
  readonly platform: Platform;
  readonly jar: Jar | null;
  readonly retryBudget: RetryBudget;
  /** Cancelled when the session closes. */
  readonly scope: SessionScope;
  readonly closed: boolean;
  /** The request that a redirect response asks for, `null` for others. */
  nextRequest(response: SessionResponse): PreparedRequest | null;
  /**
   * Sends the request of a call's last response once more, as a call of its own within what is left of the deadline. Cookies and
   * credentials are added anew, `beforeRequest` and the call middlewares are not asked again; statuses do not throw. Only for
   * responses that are `repeatable`.
   */
  resend(
    response: SessionResponse,
    headers: Readonly<Record<string, string | null>>,
    signal: AbortSignal | undefined,
  ): Promise<SessionResponse>;
  /** Sends a request of a call that goes on, once more: past `beforeRequest` and the call middlewares, which have had their say. */
  repeat(request: PreparedRequest): Promise<SessionResponse>;
  download(response: SessionResponse, path: string, options: DownloadOptions): Promise<DownloadResult>;
}
