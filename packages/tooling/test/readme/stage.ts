import type { ScenarioServer } from '@httpsession/testing';

/** What an example of a README runs on. */
export interface Stage {
  /** Stands in for `https://api.example.com`. */
  readonly server: ScenarioServer;
  /** In place of the real one. */
  readonly console: { log(...values: readonly unknown[]): void };
  /** What was logged, a line each. */
  readonly printed: readonly string[];
}

/** A generated example. */
export interface Example {
  run(stage: Stage): Promise<void>;
}
