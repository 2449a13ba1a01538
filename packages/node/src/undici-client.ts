// The two parts of undici that make connections, by their own paths. undici's main module loads its fetch, web sockets, caches and mocks
// as well: 95 ms against 35 ms on one loaded machine, on Node 24, and it sets the process's global dispatcher.
// undici 7 hides no file. That today's newest version in our range has these two is tested with the packages that npm installs.
import type { Client as UndiciClient, buildConnector as undiciConnector } from 'undici/index.js';
// biome-ignore lint/suspicious/noTsIgnore: undici declares the types of its main module only; tsc complains, Deno reads the JavaScript
// @ts-ignore
import connect from 'undici/lib/core/connect.js';
// biome-ignore lint/suspicious/noTsIgnore: undici declares the types of its main module only; tsc complains, Deno reads the JavaScript
// @ts-ignore
import DispatcherClient from 'undici/lib/dispatcher/client.js';

/** undici's connections to one origin. */
export const Client: typeof UndiciClient = DispatcherClient as unknown as typeof UndiciClient;
export type Client = UndiciClient;

/** undici's maker of sockets, plain and TLS. */
export const buildConnector: typeof undiciConnector = connect as unknown as typeof undiciConnector;
/** Where to connect to, as undici says it. */
export type ConnectTarget = undiciConnector.Options;
/** Receives the connected socket, or why there is none. Called exactly once. */
export type ConnectCallback = undiciConnector.Callback;
/** undici's settings of a connection. */
export type ClientOptions = UndiciClient.Options;
