// The examples for browsers, workers, Deno and Bun, each run where it belongs, against the example service.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, request as forward } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ExampleService, exampleUser, startService } from '../../../examples/service.ts';
import { bundle } from './conformance/bundle.ts';
import { runToEnd } from './conformance/child.ts';
import { chromiumPath, launchChromium } from './conformance/chromium.ts';
import { binary, missing } from './conformance/native-run.ts';
import { onLoopback, type Pages } from './conformance/pages.ts';
import { startWorker } from './conformance/workerd.ts';

const example = (path: string): URL => new URL(`../../../examples/${path}`, import.meta.url);
const items = ['anchor', 'barrel', 'compass', 'dinghy', 'ensign', 'fender', 'galley'];

let service: ExampleService;

beforeAll(async () => {
  service = await startService();
});

afterAll(() => service[Symbol.asyncDispose]());

const runWithNet = ['run', '--no-config', '--no-lock', '--no-prompt', '--allow-net', '--allow-env'];

describe.skipIf(missing('deno'))(`examples/deno${missing('deno')}`, () => {
  it('signs in, outlives a 503 and writes the items of all pages down', async () => {
    await using program = await bundle(example('deno/collect-items.ts'), 'deno');
    const file = join(program.folder, 'items.json');
    const { name, password } = exampleUser;
    const args = [...runWithNet, '--allow-write', program.path, service.url, file, name, password];
    const out = await runToEnd(binary('deno'), args);
    expect(out.trim().split('\n')).toEqual([
      'signed in by way of 302; 1 cookie',
      'busy (503), trying again',
      'fair again',
      `7 items in ${file}`,
    ]);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(items);
  });

  it('says what is wrong with a wrong password', async () => {
    await using program = await bundle(example('deno/collect-items.ts'), 'deno');
    const args = [...runWithNet, program.path, service.url, 'unused', 'ada', 'wrong'];
    const run = runToEnd(binary('deno'), args);
    await expect(run).rejects.toThrow(/ended with 1: POST http:\S+login: answered 401/);
  });
});

describe.skipIf(missing('bun'))(`examples/bun${missing('bun')}`, () => {
  it('keeps one login for everybody who asks', async () => {
    await using program = await bundle(example('bun/gateway.ts'), 'bun');
    const { name, password } = exampleUser;
    const child = spawn(binary('bun'), [program.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, SERVICE: service.url, SERVICE_USER: name, SERVICE_PASSWORD: password },
    });
    try {
      const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
      const url = /listening on (\S+)/.exec(line)?.[1] ?? '';
      const answers = await Promise.all(['account', 'account', 'items'].map((path) => fetch(url + path)));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
      expect(await answers[0]?.json()).toEqual({ user: name });
      expect(await answers[2]?.json()).toEqual(items.slice(0, 3));
      expect((await fetch(`${url}none`)).status).toBe(404);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'close');
    }
  });
});

describe.skipIf(missing('workerd'))(`examples/worker${missing('workerd')}`, () => {
  const bindings = (url: string): string =>
    Object.entries({ SERVICE: url, USER: exampleUser.name, PASSWORD: exampleUser.password })
      .map(([name, text]) => `(name = "${name}", text = ${JSON.stringify(text)})`)
      .join(', ');

  it('signs in by way of a redirect, repeats what failed, passes the rest through', async () => {
    await using program = await bundle(example('worker/worker.ts'), 'workerd');
    await using worker = await startWorker(program, bindings(service.url));
    const overview = await fetch(`${worker.url}/overview`);
    const user = exampleUser.name;
    expect(await overview.json()).toEqual({ user, hops: [302], attempts: 2, weather: 'fair again' });
    const passed = await fetch(`${worker.url}/account`);
    expect([passed.status, await passed.json()]).toEqual([200, { user }]);
    expect((await fetch(`${worker.url}/none`)).status).toBe(404);
  });

  it('answers 502 when the service is gone', async () => {
    await using program = await bundle(example('worker/worker.ts'), 'workerd');
    await using worker = await startWorker(program, bindings('http://127.0.0.1:1/'));
    const response = await fetch(`${worker.url}/overview`);
    expect([response.status, response.headers.get('content-type')]).toEqual([
      502,
      'application/problem+json',
    ]);
  });
});

const noChromium = missing('chromium', chromiumPath);

describe.skipIf(noChromium)(`examples/browser${noChromium}`, () => {
  it('signs in from its form, outlives a 503 and lists the items of all pages', async () => {
    await using program = await bundle(example('browser/page.ts'), 'browser');
    const files = new Map([
      ['/', await readFile(example('browser/index.html'), 'utf8')],
      ['/page.js', await readFile(program.path, 'utf8')],
    ]);
    await using site = await serveBeside(files, service.url);
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      await page.goto(site.url);
      await page.fill('[name=user]', exampleUser.name);
      await page.fill('[name=password]', 'wrong');
      await page.click('button');
      await page.waitForFunction(
        "document.getElementById('status').textContent === 'Wrong user or password.'",
      );
      await page.fill('[name=password]', exampleUser.password);
      await page.click('button');
      await page.waitForFunction("/^Signed in/.test(document.getElementById('status').textContent)");
      expect(await page.textContent('#status')).toBe('Signed in as ada: the weather is fair again.');
      expect(await page.locator('li').allTextContents()).toEqual(items);
    } finally {
      await browser.close();
    }
  });
});

/** A site with these files, and with everything else from a service: one origin, as in production. */
const serveBeside = (files: ReadonlyMap<string, string>, origin: string): Promise<Pages> => {
  const server = createServer((request, response) => {
    const file = files.get(request.url ?? '');
    if (file !== undefined) {
      const type = request.url === '/' ? 'text/html' : 'text/javascript';
      response.setHeader('content-type', `${type}; charset=utf-8`).end(file);
      return;
    }
    const { method, headers, url = '/' } = request;
    const onward = forward(new URL(url, origin), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  return onLoopback(server);
};
