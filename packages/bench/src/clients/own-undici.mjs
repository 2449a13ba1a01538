import { createRequire } from 'node:module';
import { dirname, sep } from 'node:path';

const require = createRequire(import.meta.url);
const folder = dirname(require.resolve('undici/package.json')) + sep;

/**
 * undici, loaded once more for one client. An application drives it by one kind of handler; where four clients drive one copy by four, its
 * calls are compiled for none of them, which costs each up to a quarter. Node's own `fetch` has its undici for itself too.
 */
export const ownUndici = () => {
  forget();
  try {
    return require('undici');
  } finally {
    // Nor may a client that is opened later get this one.
    forget();
  }
};

const forget = () => {
  for (const file of Object.keys(require.cache)) if (file.startsWith(folder)) delete require.cache[file];
};
