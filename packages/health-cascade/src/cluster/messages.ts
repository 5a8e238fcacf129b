import { hasMessageType } from "@aivillage/middleware";

import type { ProbeResult } from "../probe-result.ts";
import type { ProbeTarget } from "../services.ts";

const type = "aivillage:health-cascade";

/** From a worker: probe this target for me and send the results under this number, or stop. */
export type ProbeRequest =
  | { readonly type: typeof type; readonly id: number; readonly target: ProbeTarget }
  | { readonly type: typeof type; readonly id: number; readonly target?: never };

/** From the primary: a result, or first of all that it has the request. */
export interface ProbeReply {
  readonly type: typeof type;
  readonly id: number;
  readonly result?: ProbeResult;
}

export const requestProbes = (id: number, target: ProbeTarget): ProbeRequest => ({ type, id, target });
export const endProbes = (id: number): ProbeRequest => ({ type, id });
export const acknowledge = (id: number): ProbeReply => ({ type, id });
export const sendResult = (id: number, result: ProbeResult): ProbeReply => ({ type, id, result });

/** For the primary: other messages of a worker belong to somebody else. */
export function isProbeRequest(message: unknown): message is ProbeRequest {
  return hasMessageType(message, type);
}

/** For a worker: the same of messages of the primary. */
export function isProbeReply(message: unknown): message is ProbeReply {
  return hasMessageType(message, type);
}
