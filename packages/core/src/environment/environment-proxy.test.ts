import { describe, expect, it } from 'vitest';
import { proxyFromEnvironment } from './environment-proxy.ts';

const read = (variables: Record<string, string>) => proxyFromEnvironment((name) => variables[name]);

describe('proxyFromEnvironment', () => {
  it.each([
    ['finds nothing in an empty environment', {}, {}],
    [
      'reads lower case',
      { http_proxy: 'a', https_proxy: 'b', no_proxy: 'c' },
      { http: 'a', https: 'b', no: 'c' },
    ],
    [
      'reads upper case',
      { HTTP_PROXY: 'a', HTTPS_PROXY: 'b', NO_PROXY: 'c' },
      { http: 'a', https: 'b', no: 'c' },
    ],
    ['lets lower case win', { http_proxy: 'low', HTTP_PROXY: 'up' }, { http: 'low' }],
    ['lets an empty lower case switch upper case off', { http_proxy: '', HTTP_PROXY: 'up' }, {}],
    ['falls back to all_proxy', { all_proxy: 'x' }, { http: 'x', https: 'x' }],
    ['falls back to ALL_PROXY per scheme', { ALL_PROXY: 'x', https_proxy: 'b' }, { http: 'x', https: 'b' }],
    ['ignores HTTP_PROXY in a CGI script', { REQUEST_METHOD: 'GET', HTTP_PROXY: 'evil' }, {}],
    [
      'still reads http_proxy in a CGI script',
      { REQUEST_METHOD: 'GET', http_proxy: 'a', HTTP_PROXY: 'evil' },
      { http: 'a' },
    ],
    ['still reads HTTPS_PROXY in a CGI script', { REQUEST_METHOD: 'GET', HTTPS_PROXY: 'b' }, { https: 'b' }],
    ['trims white space', { http_proxy: ' a ', no_proxy: ' ' }, { http: 'a' }],
  ])('%s', (_title, variables: Record<string, string>, expected) => {
    expect(read(variables)).toEqual(expected);
  });
});
