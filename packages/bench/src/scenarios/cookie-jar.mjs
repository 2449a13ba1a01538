import { CookieJar as ToughJar } from 'tough-cookie';
import { measureSync } from '../measure/sync.mjs';
import { table } from '../report/table.mjs';
import { CookieJar } from '../session-under-test.mjs';

const url = 'https://app.example.com/a/b?c=d';

/** The jar's hot path, microseconds per operation, beside tough-cookie's. */
export const cookieJar = ({ plan }) => {
  const rows = [];
  const figures = {};
  const compare = (title, ours, tough) => {
    figures[title] = measureSync(ours, plan);
    rows.push([title, figures[title], tough === undefined ? null : measureSync(tough, plan)]);
  };

  for (const count of [1, 10, 100]) {
    const [ours, tough] = [new CookieJar(), new ToughJar()];
    for (let n = 0; n < count; n += 1) {
      const line = `name${n}=value${n}; Path=/; Max-Age=86400`;
      ours.setCookie(line, url);
      tough.setCookieSync(line, url);
    }
    compare(
      `Cookie header of ${count}`,
      () => ours.getCookieString(url),
      () => tough.getCookieStringSync(url),
    );
    compare(`Cookie header of ${count}, query never seen`, (n) => ours.getCookieString(`${url}&n=${n}`));
    compare(`Cookie header of ${count}, path never seen`, (n) =>
      ours.headerFor({ protocol: 'https:', hostname: 'app.example.com', path: `/a/${n}` }),
    );
  }

  const lines = Array.from({ length: 64 }, (_, n) => `sid=value${n}; Path=/; HttpOnly; Secure; SameSite=Lax`);
  const [ours, tough] = [new CookieJar(), new ToughJar()];
  compare(
    'Set-Cookie stored',
    (n) => ours.setCookie(lines[n & 63], url),
    (n) => tough.setCookieSync(lines[n & 63], url),
  );

  const big = new CookieJar({ limits: { perHost: 1_000, total: 100_000 } });
  const hosts = Array.from({ length: 5_000 }, (_, n) => `https://host${n}.example/`);
  for (const host of hosts) for (let n = 0; n < 10; n += 1) big.setCookie(`name${n}=value${n}; Path=/`, host);
  compare(`Cookie header of 10, jar of ${big.size} on 5,000 hosts, hosts in turn`, (n) =>
    big.getCookieString(hosts[n % 5_000]),
  );
  compare(`Cookie header of 10, jar of ${big.size}, one host`, () => big.getCookieString(hosts[7]));
  compare(`Set-Cookie stored, jar of ${big.size}, hosts in turn`, (n) =>
    big.setCookie(lines[n & 63], hosts[n % 5_000]),
  );
  return { markdown: table(['operation', 'us', 'tough-cookie, us'], rows, 3), figures };
};
