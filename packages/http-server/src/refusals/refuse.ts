import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

import { type HttpProblem, refuseConnection } from "@aivillage/middleware";
import { securityHeaders } from "@aivillage/security-headers";

import { recordFields } from "./record-headers.ts";

/** As on every other response. */
const headers = Object.fromEntries(recordFields(securityHeaders()));

/** Writes a problem document to a connection and closes it. The id is that of the request, if it has one. */
export function refuse(socket: Duplex, problem: HttpProblem, requestId: string = randomUUID()): void {
  refuseConnection(socket, problem, { headers, requestId });
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
