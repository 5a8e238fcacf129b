import type { IncomingMessage } from "node:http";

import { requestValue } from "@aivillage/middleware";

/** The target of a request, for logs. */
export interface Downstream {
  /** Name of the target that was tried last. */
  readonly target: string;
  /** Attempts so far, including those that an open breaker refused. */
  readonly attempts: number;
  /** Replica that was chosen for the last attempt, where the target has several. Internal: for logs, not for clients. */
  readonly replica?: string;
}

const downstream = requestValue<Downstream>("@aivillage/downstream-proxy.downstream");

/** The target that was tried last and the number of attempts; `undefined` when no `downstreamProxy()` has run. */
export function getDownstream(req: IncomingMessage): Downstream | undefined {
  return downstream.get(req);
}

export function setDownstream(req: IncomingMessage, value: Downstream): void {
  downstream.set(req, value);
}
