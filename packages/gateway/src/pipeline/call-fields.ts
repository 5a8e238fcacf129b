import type { IncomingMessage } from "node:http";

import { getAiCall, getAiUsage } from "@aivillage/ai-call";
import { getDownstream } from "@aivillage/downstream-proxy";

import { getUpstreamId } from "./upstream-id.ts";

/** The longest name of a model that is logged: clients choose it. */
export const mostOfModel = 128;

/** What a call of a model used, for the log; no text of it. */
export function callFields(req: IncomingMessage): Record<string, unknown> {
  const call = getAiCall(req);
  if (call === undefined) return {};
  // A call that no service was asked for has used nothing, whatever was estimated.
  const usage = getDownstream(req) === undefined ? undefined : getAiUsage(req);
  return {
    model: call.model?.slice(0, mostOfModel),
    input_tokens: usage?.input,
    output_tokens: usage?.output,
    usage: usage?.source,
    first_token_ms: usage?.firstTokenMs === undefined ? undefined : Math.round(usage.firstTokenMs * 1_000) / 1_000,
    upstream_request_id: getUpstreamId(req),
  };
}
