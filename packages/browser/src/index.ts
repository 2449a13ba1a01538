export { browserPlatform } from './browser-platform.ts';
export { BrowserSession } from './browser-session.ts';
export { browserCapabilities, browserTransport } from './browser-transport.ts';
export { crossTab } from './cross-tab.ts';
