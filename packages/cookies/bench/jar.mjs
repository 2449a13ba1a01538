// node packages/cookies/bench/jar.mjs: microseconds per operation of the built jar beside tough-cookie's.
import { CookieJar as ToughJar } from 'tough-cookie';
import { CookieJar } from '../dist/index.js';

const unlimited = { perHost: Infinity, total: Infinity };

function measure(title, times, run) {
  for (let i = 0; i < times / 4; i++) run(i);
  let best = Infinity;
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    for (let i = 0; i < times; i++) run(i);
    best = Math.min(best, ((performance.now() - start) * 1000) / times);
  }
  console.log(`${title.padEnd(52)} ${best.toFixed(3)} us`);
}

for (const count of [0, 1, 10, 100]) {
  const url = 'https://app.example.com/a/b?c=d';
  const [ours, tough] = [new CookieJar(), new ToughJar()];
  for (let i = 0; i < count; i++) {
    ours.setCookie(`name${i}=value${i}; Path=/; Max-Age=86400`, url);
    tough.setCookieSync(`name${i}=value${i}; Path=/; Max-Age=86400`, url);
  }
  measure(`get, ${count} cookies, same URL`, 500_000, () => ours.getCookieString(url));
  measure(`get, ${count} cookies, another URL each time`, 200_000, (i) => ours.getCookieString(`${url}${i}`));
  measure(`get, ${count} cookies, tough-cookie`, 5_000, () => tough.getCookieStringSync(url));
}

const url = 'https://app.example.com/login';
const fields = Array.from({ length: 64 }, (_, i) => `sid=value${i}; Path=/; HttpOnly; Secure; SameSite=Lax`);
const dated = fields.map((field) => `${field}; Expires=Wed, 21 Oct 2099 07:28:00 GMT; Domain=example.com`);
for (const [title, set] of [
  ['', fields],
  [', Expires and Domain', dated],
]) {
  const [ours, tough] = [new CookieJar(), new ToughJar()];
  measure(`set (replace)${title}`, 300_000, (i) => ours.setCookie(set[i & 63], url));
  measure(`set (replace)${title}, tough-cookie`, 20_000, (i) => tough.setCookieSync(set[i & 63], url));
}
{
  const jar = new CookieJar();
  measure('set (replace), then get', 300_000, (i) => {
    jar.setCookie(fields[i & 63], url);
    jar.getCookieString(url);
  });
}

for (const host of [(i) => `https://host${i}.example/`, (i) => `https://host${i}.example.com/`]) {
  const jar = new CookieJar({ limits: unlimited });
  const urls = Array.from({ length: 5000 }, (_, i) => host(i));
  const start = performance.now();
  for (const at of urls)
    for (let i = 0; i < 10; i++) jar.setCookie(`name${i}=value; Path=/; Max-Age=86400`, at);
  console.log(
    `50,000 cookies on ${host('*')}: ${((performance.now() - start) / 50).toFixed(3)} us per insertion`,
  );
  measure('  get, 5,000 hosts in turn', 200_000, (i) => jar.getCookieString(urls[i % 5000]));
  measure('  get, one host', 500_000, () => jar.getCookieString(urls[7]));
  measure('  set (replace)', 200_000, (i) =>
    jar.setCookie(`name3=value${i & 7}; Path=/`, urls[(i * 7) % 5000]),
  );
}
