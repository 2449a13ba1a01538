// The package alone, with core's Session: files and what goes past Deno's fetch are loaded when they are asked for.
import { Session } from '@httpsession/core';
import { denoPlatform } from '@httpsession/deno';

const session = new Session({ baseUrl: Deno.args[1] ?? '' }, denoPlatform);
const body = await session.get('home', { body: 'asked' }).json();
const { size } = await (await session.get('home')).download(Deno.args[0] ?? '');
console.log(JSON.stringify({ body, size }));
await session.close();
