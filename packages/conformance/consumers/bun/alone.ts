// The package alone, with core's Session: files and what goes past Bun's fetch are loaded when they are asked for.
import { bunPlatform } from '@httpsession/bun';
import { Session } from '@httpsession/core';

const session = new Session({ baseUrl: Bun.argv[3] ?? '' }, bunPlatform);
const body = await session.get('home', { body: 'asked' }).json();
const { size } = await (await session.get('home')).download(Bun.argv[2] ?? '');
console.log(JSON.stringify({ body, size }));
await session.close();
