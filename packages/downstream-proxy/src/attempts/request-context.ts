import type { IncomingMessage } from "node:http";

import type { Settings } from "../options/read-options.ts";
import type { OutgoingRequest } from "../request/outgoing-request.ts";
import type { ClockDeadlines } from "./response-clock.ts";

/** What all attempts of one request share. */
export interface RequestContext {
  readonly req: IncomingMessage;
  readonly outgoing: OutgoingRequest;
  readonly settings: Settings;
  readonly deadlines: ClockDeadlines;
}
