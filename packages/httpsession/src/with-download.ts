import type { Platform } from '@httpsession/core';

/** A platform with files: `response.download()` by its `node:fs`, loaded when it is first used. */
export const withDownload = (platform: Platform): Platform =>
  Object.freeze({
    ...platform,
    async download(...input) {
      const { download } = await import('@httpsession/node/download');
      return download(...input);
    },
  } satisfies Platform);
