// Behind `npm start [-- URL]`: sets everything up and gives the tour of examples/quickstart.ts, at the example service or at a server of yours.
import { parseArgs } from 'node:util';
import { buildPackages, installDependencies, runMain, SetupError } from './setup.mjs';

await runMain(import.meta.url, async () => {
  const { positionals } = parseArgs({ allowPositionals: true });
  const target = positionals[0] === undefined ? undefined : readTarget(positionals[0]);
  await installDependencies();
  await buildPackages();

  // Built just now: not there when this module was loaded.
  const { quickstart } = await import(built('quickstart.js'));
  const { exampleUser, startService } = await import(built('service.js'));

  if (target !== undefined) {
    console.log(`httpsession at ${target.url}`);
    return conclude(await quickstart(target.url, target.user ?? exampleUser), false);
  }
  const service = await startService();
  console.log(`httpsession at the example service, ${service.url} (examples/service.ts)`);
  try {
    return conclude(await quickstart(service.url, exampleUser), true);
  } finally {
    await service[Symbol.asyncDispose]();
  }
});

/** @param {string} name */
function built(name) {
  return new URL(`../../../examples/dist/${name}`, import.meta.url).href;
}

/**
 * Takes the credentials out of the URL, so that they are never printed.
 * @param {string} text
 */
function readTarget(text) {
  if (!URL.canParse(text) || !['http:', 'https:'].includes(new URL(text).protocol)) {
    throw new SetupError('npm start -- URL: the URL must be absolute, such as http://127.0.0.1:8080/');
  }
  const url = new URL(text);
  const user =
    url.username === ''
      ? undefined
      : { name: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  url.username = '';
  url.password = '';
  // The pages are looked for below this one.
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return { url: url.href, user };
}

/**
 * Says how it went.
 * @param {readonly ('done' | 'absent' | 'failed')[]} outcomes
 * @param {boolean} complete whether the server must have every page
 * @returns {number} the exit code
 */
function conclude(outcomes, complete) {
  const count = (/** @type {'done' | 'absent' | 'failed'} */ wanted) =>
    outcomes.filter((outcome) => outcome === wanted).length;
  const [done, absent, failed] = [count('done'), count('absent'), count('failed')];
  const ok = failed === 0 && done > 0 && (absent === 0 || !complete);
  const rest = [...(absent > 0 ? [`${absent} not there`] : []), ...(failed > 0 ? [`${failed} failed`] : [])];
  console.log(
    `\n${ok ? 'Done' : 'Failed'}: ${[`${done} of ${outcomes.length} chapters worked`, ...rest].join(', ')}`,
  );
  return ok ? 0 : 1;
}
