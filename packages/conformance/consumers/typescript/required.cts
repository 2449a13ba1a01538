// CommonJS: compiles to require(), which Node 20.19 and later answer with the ES module.
import { Session } from 'httpsession';

export const open = (baseUrl: string): Session => new Session({ baseUrl });
