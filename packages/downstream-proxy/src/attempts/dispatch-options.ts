import type { Dispatcher } from "undici";

import type { Connection } from "../connections/connection.ts";
import type { OutgoingRequest } from "../request/outgoing-request.ts";
import type { PlannedAttempt } from "./attempt-plan.ts";
import { withTraceparent } from "./traceparent.ts";

/** The request of one attempt, as undici wants it. Opens the body. */
export function dispatchOptions(
  { method, path, headers, body, upgrade }: OutgoingRequest,
  { replica, target }: PlannedAttempt,
  connection: Connection,
  traceparent: string | undefined,
): Dispatcher.DispatchOptions {
  return {
    path: replica.basePath + (target.path ?? path),
    method,
    headers: withTraceparent(headers, traceparent),
    body: body.open(connection),
    upgrade: upgrade ?? null,
  };
}
