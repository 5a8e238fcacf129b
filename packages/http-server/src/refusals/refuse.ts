import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

import { type HttpProblem, refuseConnection } from "@aivillage/middleware";

/** What the responses that the server sends itself have in common. */
export interface RefusalSettings {
  readonly headers: Readonly<Record<string, string>>;
  readonly typeUri: string;
}

/** Writes a problem document to a connection and closes it. The id is that of the request, if it has one. */
export type Refuse = (socket: Duplex, problem: HttpProblem, requestId?: string) => void;

export function makeRefuse({ headers, typeUri }: RefusalSettings): Refuse {
  return (socket, problem, requestId = randomUUID()) => refuseConnection(socket, problem, { headers, typeUri, requestId });
}

/** Whether nothing of a response has been sent, and nothing else is being sent on its connection. */
export function canBeReplaced(res: ServerResponse): boolean {
  return !res.headersSent && res.socket !== null;
}

/** The id that the response would have had. */
export function requestIdOf(res: ServerResponse): string | undefined {
  const id = res.getHeader("X-Request-Id");
  return typeof id === "string" ? id : undefined;
}
