import { head, type Step } from '@httpsession/testing/remote';
import type { SessionOptions } from 'httpsession';

/** No retries, and limits that end a scenario before its patience does. */
export const once: SessionOptions = { retry: null, timeout: { headers: 5_000, idle: 5_000 } };

/** Retries without waiting between them. */
export const eager: SessionOptions = { retry: { backoff: { base: 0 } } };

/** The head of a body of ten bytes. Steps of single bytes know nothing of CORS: pages are let in by hand. */
export const tenBytes: Step = head({
  status: 200,
  headers: { 'content-length': '10', 'access-control-allow-origin': '*' },
});
