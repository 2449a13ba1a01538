import type {
  RemoteProxyServer,
  RemoteScenarioServer,
  ScenarioServerOptions,
} from '@httpsession/testing/remote';
import type { Session, SessionOptions } from 'httpsession';

/** Where the suite runs, by the entry that the export condition picks. */
export type Platform = 'browser' | 'bun' | 'deno' | 'edge' | 'node';

/** Every platform, in the order of the capability table. */
export const platforms: readonly Platform[] = ['node', 'deno', 'bun', 'edge', 'browser'];

/** What the runner of a platform knows and scenarios need. */
export interface World {
  readonly platform: Platform;
  /** The `url` of a control server: all scenario servers are its. */
  readonly control: string;
  /** A port of 127.0.0.1 where nobody listens. */
  readonly deadPort: number;
}

/** What one scenario works with. Everything it starts or makes here is closed behind it. */
export interface Stage extends World {
  /** The scenario's own server. */
  readonly server: RemoteScenarioServer;
  /** Another server, of another origin. */
  startServer(options?: ScenarioServerOptions): Promise<RemoteScenarioServer>;
  startProxy(auth?: { readonly username: string; readonly password: string }): Promise<RemoteProxyServer>;
  createSession(options?: SessionOptions): Session;
}

/** By platform, the option that its `UnsupportedOptionError` names. */
export type Refusals = Readonly<Partial<Record<Platform, string>>>;

/** What a scenario says about platforms that differ. */
export interface Terms {
  /** The row of the capability table that this scenario stands for. */
  readonly capability?: string;
  /** The option by which a platform refuses: there the scenario has to end in its `UnsupportedOptionError`. */
  readonly refused?: Refusals;
  /** What a platform does by itself, in its own way: the scenario checks that way there. */
  readonly native?: Readonly<Partial<Record<Platform, string>>>;
}

/** Takes the scenarios of a topic: a test runner, or the list that runners without one go through. */
export interface Harness {
  describe(topic: string, scenarios: () => void): void;
  it(title: string, play: (stage: Stage) => Promise<void>, terms?: Terms): void;
}

/** The scenarios about one thing. */
export type Topic = (harness: Harness) => void;

/** A behaviour: it resolves, or throws what is wrong. */
export interface Scenario {
  readonly topic: string;
  readonly title: string;
  readonly terms: Terms;
  play(stage: Stage): Promise<void>;
}

/** The scenarios of these topics as a list. @throws {TypeError} for two of one name, whose outcomes could not be told apart */
export const scenariosOf = (topics: readonly Topic[]): readonly Scenario[] => {
  const scenarios: Scenario[] = [];
  const names = new Set<string>();
  let current = '';
  for (const topic of topics) {
    topic({
      describe(name, body) {
        current = name;
        body();
      },
      it(title, play, terms = {}) {
        const name = `${current}: ${title}`;
        if (names.has(name)) throw new TypeError(`two scenarios are called ${name}`);
        names.add(name);
        scenarios.push({ topic: current, title, terms, play });
      },
    });
  }
  return scenarios;
};

/** A scenario's name in reports. */
export const nameOf = ({ topic, title }: Scenario): string => `${topic}: ${title}`;
