import type { Jar } from '../cookies/cookie-jar.ts';
import type { DownloadOptions, DownloadResult, Platform } from '../platform.ts';
import type { PreparedRequest } from '../request/prepared-request.ts';
import type { SessionResponse } from '../response/session-response.ts';
import type { RetryBudget } from '../retry/retry-budget.ts';
import type { CancelScope } from '../timeout/cancel-scope.ts';

/** What layers may know of the session that a call belongs to. */
export interface SessionState {
  readonly platform: Platform;
  readonly jar: Jar | null;
  readonly retryBudget: RetryBudget;
  /** Cancelled when the session closes. */
  readonly scope: CancelScope;
  readonly closed: boolean;
  /** The request that a redirect response asks for, `null` for others. */
  nextRequest(response: SessionResponse): PreparedRequest | null;
  download(response: SessionResponse, path: string, options: DownloadOptions): Promise<DownloadResult>;
}
