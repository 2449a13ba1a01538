/** A URL for messages and logs: no user information, no query values, no fragment. */
export const redactUrl = (url: string): string => {
  const [withoutFragment = ''] = url.split('#', 1);
  const queryAt = withoutFragment.indexOf('?');
  const bare = queryAt === -1 ? withoutFragment : withoutFragment.slice(0, queryAt);
  const safe = withoutUserinfo(bare);
  return queryAt === -1 ? safe : `${safe}?…`;
};

const withoutUserinfo = (url: string): string => {
  const schemeEnd = url.indexOf('://');
  if (schemeEnd === -1) return url;
  const start = schemeEnd + 3;
  const length = url.slice(start).search(/[/\\]/);
  const end = length === -1 ? url.length : start + length;
  const at = url.slice(start, end).lastIndexOf('@');
  return at === -1 ? url : url.slice(0, start) + url.slice(start + at + 1);
};
