import { describe, expect, it } from 'vitest';
import { apiKey } from './api-key.ts';
import { basic } from './basic.ts';
import { digest } from './digest.ts';
import { oauth2 } from './oauth2.ts';
import { refreshing } from './refreshing.ts';

const misspelt: Readonly<Record<string, (options: object) => unknown>> = {
  basic: (options) => basic('u', 'p', options),
  apiKey: (options) => apiKey('x-key', 'k', options),
  digest: (options) => digest('u', 'p', options),
  refreshing: (options) => refreshing({ refresh: () => 't', ...options }),
  oauth2: (options) =>
    oauth2({
      tokenUrl: 'https://a.test/token',
      clientId: 'c',
      clientSecret: 's',
      clientCredentials: true,
      ...options,
    }),
};

describe.each(Object.entries(misspelt))('%s', (name, make) => {
  it('refuses an option that it does not have', () => {
    expect(() => make({ Encoding: 'latin1' })).toThrow(TypeError);
    expect(() => make({ Encoding: 'latin1' })).toThrow(`${name}.Encoding is not an option; there are `);
    expect(() => make({})).not.toThrow();
  });

  it('takes no option of a polluted prototype', () => {
    // Each would be refused by its type, were it read.
    const polluted = { encoding: 1, in: 1, algorithms: 1, skew: 'x', clientAuth: 1 };
    Object.assign(Object.prototype, polluted);
    try {
      expect(() => make({})).not.toThrow();
    } finally {
      for (const key of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, key);
    }
  });
});
