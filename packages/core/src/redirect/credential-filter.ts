// Headers that describe the content wanted or sent, and say nothing about who asks. Everything else stays home.
const plain: ReadonlySet<string> = new Set([
  'user-agent',
  'range',
  'cache-control',
  'pragma',
  'traceparent',
  'tracestate',
  'baggage',
]);
const plainPrefixes = ['accept', 'content-', 'if-'] as const;

/** Whether a header may go to any origin: `accept*`, `content-*`, `user-agent`, `range`, `if-*`, cache and trace headers. */
export const isPlainHeader = (lowerName: string): boolean =>
  plain.has(lowerName) || plainPrefixes.some((prefix) => lowerName.startsWith(prefix));

/**
 * Which headers may follow a redirect to another origin.
 *
 * An allow list: `X-API-Key`, `Private-Token` and the next such name are credentials that no block list knows.
 */
export const crossesOrigin =
  (forwardHeaders: ReadonlySet<string>) =>
  (lowerName: string): boolean =>
    isPlainHeader(lowerName) || forwardHeaders.has(lowerName);
