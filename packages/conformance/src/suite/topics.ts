import { auth } from '../topics/auth.ts';
import { bodies } from '../topics/bodies.ts';
import { cancellation } from '../topics/cancellation.ts';
import { cookies } from '../topics/cookies.ts';
import { errors } from '../topics/errors.ts';
import { hooks } from '../topics/hooks.ts';
import { leaks } from '../topics/leaks.ts';
import { options } from '../topics/options.ts';
import { proxies } from '../topics/proxies.ts';
import { redirects } from '../topics/redirects.ts';
import { responses } from '../topics/responses.ts';
import { retries } from '../topics/retries.ts';
import { sessions } from '../topics/sessions.ts';
import { streaming } from '../topics/streaming.ts';
import { timeouts } from '../topics/timeouts.ts';
import { transports } from '../topics/transports.ts';
import { wire } from '../topics/wire.ts';
import { type Scenario, scenariosOf } from './harness.ts';

/** The whole suite: every scenario, on every platform. */
export const suite: readonly Scenario[] = scenariosOf([
  sessions,
  redirects,
  cookies,
  auth,
  retries,
  timeouts,
  cancellation,
  bodies,
  streaming,
  responses,
  hooks,
  transports,
  options,
  proxies,
  wire,
  errors,
  leaks,
]);
