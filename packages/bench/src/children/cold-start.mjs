// In a fresh process: milliseconds of the import, and of opening the client and its first GET.
const { origin, specifier, client } = JSON.parse(process.argv[2]);

const start = performance.now();
await import(specifier);
const imported = performance.now() - start;

const { plainHeaders, twoCookies } = await import('../setting.mjs');
const { clientModules } = await import('../clients/peers.mjs');
const { open } = await clientModules[client]();
const again = performance.now();
const opened = await open({ origin, cookies: twoCookies, headers: plainHeaders(twoCookies) });
await opened.get(`${origin}/json`);
const answered = performance.now() - again;

process.stdout.write(JSON.stringify({ imported, answered }), () => process.exit());
