import type { IncomingMessage } from "node:http";

import { event } from "@aivillage/middleware";

/** Somebody used an action of the console: for an audit log. */
export interface ConsoleActionTaken {
  req: IncomingMessage;
  action: "clear-penalty";
  /** What it was about: the name of the client in `penaltyChanged`. */
  subject: string;
  /** `none` if there was nothing to change. */
  result: "done" | "none" | "refused" | "failed";
}

/** Published when an action has ended, and when one was refused. */
export const consoleActionTaken = event<ConsoleActionTaken>("aivillage:console:action-taken");
