import { ScenarioServer, type ScenarioServerOptions, text } from '@httpsession/testing';
import { onTestFinished } from 'vitest';

/** A scripted server that answers `ok` where nothing else is said, and is closed when the test ends. */
export const openServer = async (options: ScenarioServerOptions = {}): Promise<ScenarioServer> => {
  const server = await ScenarioServer.start(options);
  onTestFinished(() => server.close());
  return server.otherwise(text('ok'));
};
