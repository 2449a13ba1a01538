/** A URL for messages and logs: no user information, no query values, no fragment. */
export const redactUrl = (url: string): string => {
  const [withoutFragment = ''] = url.split('#', 1);
  const queryAt = withoutFragment.indexOf('?');
  const bare = queryAt === -1 ? withoutFragment : withoutFragment.slice(0, queryAt);
  const authorityAt = bare.indexOf('://');
  const pathAt = authorityAt === -1 ? -1 : bare.slice(authorityAt + 3).search(/[/\\]/);
  const authority =
    authorityAt === -1
      ? ''
      : bare.slice(authorityAt + 3, pathAt === -1 ? undefined : authorityAt + 3 + pathAt);
  const at = authority.lastIndexOf('@');
  const safe = at === -1 ? bare : bare.replace(authority.slice(0, at + 1), '');
  return queryAt === -1 ? safe : `${safe}?…`;
};
