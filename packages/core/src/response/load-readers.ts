import { onDemand } from '../on-demand.ts';
import type { SessionResponse } from './session-response.ts';

/** The response whose body is to be read: its call ends the wait for a reader, and it is given up when none can be loaded. */
export type BodyInHand = Pick<SessionResponse, 'abandon' | 'request'>;

/** The generator that a part of the program makes: at once when the part is here, else as soon as it has been loaded. */
export const readWith = <Part, T>(
  load: ReturnType<typeof onDemand<Part>>,
  response: BodyInHand | undefined,
  make: (part: Part) => AsyncGenerator<T, void, undefined>,
): AsyncGenerator<T, void, undefined> => {
  const part = load(response?.request.scope);
  if (!(part instanceof Promise)) return make(part);
  // Whoever reads hears of it; it may be that nobody does.
  part.catch((error: unknown) => response?.abandon(error));
  return late(part, make);
};

async function* late<Part, T>(
  part: Promise<Part>,
  make: (part: Part) => AsyncGenerator<T, void, undefined>,
): AsyncGenerator<T, void, undefined> {
  yield* make(await part);
}

export const loadReaders: ReturnType<typeof onDemand<typeof import('./streaming-readers.ts')>> =
  /* @__PURE__ */ onDemand(() => import('./streaming-readers.ts'));
