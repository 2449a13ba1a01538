// The two parts of undici that make connections, by their own paths. undici's main module loads its fetch, web sockets, caches and mocks
// as well: 95 ms against 35 ms on one loaded machine, on Node 24, and it sets the process's global dispatcher.
// undici 7 exports every file of its own; a test holds that the oldest and the newest 7 in our range have these two.
import type { Client as UndiciClient, buildConnector as undiciConnector } from 'undici/index.js';
// @ts-expect-error undici declares the types of its main module only
import connect from 'undici/lib/core/connect.js';
// @ts-expect-error undici declares the types of its main module only
import DispatcherClient from 'undici/lib/dispatcher/client.js';

/** undici's connections to one origin. */
export const Client: typeof UndiciClient = DispatcherClient;
export type Client = UndiciClient;

/** undici's maker of sockets, plain and TLS. */
export const buildConnector: typeof undiciConnector = connect;
/** Where to connect to, as undici says it. */
export type ConnectTarget = undiciConnector.Options;
/** Receives the connected socket, or why there is none. Called exactly once. */
export type ConnectCallback = undiciConnector.Callback;
/** undici's settings of a connection. */
export type ClientOptions = UndiciClient.Options;
