import type { IncomingMessage } from "node:http";

import { event, type HttpProblem } from "@aivillage/middleware";

/** An error was sent as a problem, or came after the head had been sent. */
export interface ProblemSent {
  req: IncomingMessage;
  problem: HttpProblem;
  /** What was passed to `next()`. Only for logs: it may hold internals. */
  error: unknown;
}

/** Published when an error was sent as a problem, or has cut the connection. */
export const problemSent = event<ProblemSent>("aivillage:problem-details:sent");
