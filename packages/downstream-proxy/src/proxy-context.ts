import type { BodySource } from "./body-source.ts";
import type { Settings } from "./read-options.ts";
import type { Route } from "./route.ts";
import type { RunningSet } from "./running-set.ts";

/** What all requests through one proxy share. */
export interface ProxyContext {
  readonly settings: Settings;
  readonly routes: readonly Route[];
  readonly running: RunningSet;
}

/** What is sent, to whichever target. */
export interface OutgoingRequest {
  /** Path and query for targets without a path of their own. */
  readonly path: string;
  readonly headers: string[];
  readonly body: BodySource;
}
