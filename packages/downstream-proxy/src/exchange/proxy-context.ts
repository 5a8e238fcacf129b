import type { IncomingMessage, ServerResponse } from "node:http";

import type { Next } from "@aivillage/middleware";

import type { ClockDeadlines } from "../attempts/response-clock.ts";
import type { BodySource } from "../body/body-source.ts";
import type { ClientShares } from "../clients/client-shares.ts";
import type { Settings } from "../options/read-options.ts";
import type { Outbox } from "../response/response-batch.ts";
import type { Route } from "../targets/target.ts";
import type { RunningSet } from "./running-set.ts";

/** What all requests through one proxy share. */
export interface ProxyContext {
  readonly settings: Settings;
  readonly routes: readonly Route[];
  readonly running: RunningSet;
  readonly outbox: Outbox;
  readonly deadlines: ClockDeadlines;
  readonly shares: ClientShares;
}

/** What a server hands to a handler. */
export interface ClientRequest {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly next: Next;
}

/** What is sent, to whichever target. */
export interface OutgoingRequest {
  readonly method: string;
  /** Path and query for targets without a path of their own. */
  readonly path: string;
  readonly headers: string[];
  readonly body: BodySource;
  /** Protocol to change to, if the request asks for one. */
  readonly upgrade?: string;
}
