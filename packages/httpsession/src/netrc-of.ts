import { type Auth, type Platform, UnsupportedOptionError } from '@httpsession/core';

/** `netrc()` of a platform: the credential for each host as `~/.netrc` has it; where there are no files it throws. */
export const netrcOf = (platform: Platform): (() => Auth) =>
  platform.netrc ??
  (() => {
    throw new UnsupportedOptionError('auth: netrc()', platform.name, 'no netrc is read there');
  });
