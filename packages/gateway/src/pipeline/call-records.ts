import type { IncomingMessage, ServerResponse } from "node:http";

import type { AuditSink } from "@aivillage/access-log";
import { getAiCall, getAiUsage } from "@aivillage/ai-call";
import { getPrincipal } from "@aivillage/api-key-auth";
import { getClientIp } from "@aivillage/client-ip";
import { type Handler, hasBody, onResponseClose, requestValue } from "@aivillage/middleware";
import { getRequestId } from "@aivillage/request-id";
import { getRoute } from "@aivillage/router";
import { type CallCost, callCosts } from "@aivillage/token-budget";

import { priceOptions } from "../config/options/budget-options.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import { callEndOf } from "../state/telemetry/audit-notes.ts";
import { notesOf } from "../state/telemetry/request-notes.ts";
import { mostOfModel } from "./call-fields.ts";

/** Records the calls of AI routes in the audit log. */
export interface CallRecords {
  /** Mount it first in the route. */
  readonly begin: readonly Handler[];
  /** Refuses what cannot be recorded. Mount it after authentication and limits. */
  readonly guard: readonly Handler[];
  /** Mount it last before the service. */
  readonly admitted: readonly Handler[];
}

/** Of routes without calls, and of gateways without an audit log. */
export const noRecords: CallRecords = { begin: [], guard: [], admitted: [] };

const admitted = requestValue<true>("@aivillage/gateway.call-admitted");

/** One record for each call that ended or was refused: who called which model, with how many tokens at what cost. No text of a call. */
export function callRecords(config: GatewayConfig, sink: AuditSink | undefined): CallRecords {
  if (sink === undefined) return noRecords;
  const { prices } = priceOptions(config);
  const costOf: CallCost = prices === undefined ? () => undefined : callCosts(prices);
  const write = (req: IncomingMessage, res: ServerResponse): void => sink.write(recordOf(req, res, costOf, prices?.currency));
  return {
    begin: [
      function beginRecordHandler(req, res, next) {
        onResponseClose(res, () => {
          if (admitted.get(req) === undefined && isCall(req)) write(req, res);
        });
        next();
      },
    ],
    guard: [sink.handler],
    admitted: [
      function admittedRecordHandler(req, res, next) {
        admitted.set(req, true);
        // After the listeners of what meters and charges the call.
        res.once("close", () => {
          if (getAiCall(req) !== undefined) write(req, res);
        });
        next();
      },
    ],
  };
}

/** Without a key a request counts only once its call was read: otherwise anyone could fill the disk. */
function isCall(req: IncomingMessage): boolean {
  return getAiCall(req) !== undefined || (getPrincipal(req) !== undefined && hasBody(req));
}

function recordOf(req: IncomingMessage, res: ServerResponse, costOf: CallCost, currency: string | undefined): object {
  return {
    request_id: getRequestId(req),
    ...callerOf(req),
    route: getRoute(req),
    ...decisionOf(req, res),
    ...useOf(req, costOf, currency),
  };
}

/** Without a key the address is all there is. */
function callerOf(req: IncomingMessage): object {
  const principal = getPrincipal(req);
  if (principal === undefined) return { client_ip: getClientIp(req) };
  const { kind, id, keyId, tier, tenant } = principal;
  return { principal: id, principal_kind: kind, key_id: keyId, tier, tenant };
}

function decisionOf(req: IncomingMessage, res: ServerResponse): object {
  const notes = notesOf(req);
  const { outcome, budgetEnd, durationMs } = callEndOf(req);
  const isAdmitted = admitted.get(req) !== undefined;
  return {
    decision: isAdmitted ? "admitted" : res.headersSent ? "refused" : "none",
    outcome: isAdmitted || !res.headersSent ? (outcome ?? "client-left") : "refused",
    status: res.headersSent ? res.statusCode : undefined,
    problem: notes?.problem,
    budget: notes?.budget,
    budget_end: budgetEnd === "ended" ? undefined : budgetEnd,
    duration_ms: durationMs === undefined ? undefined : Math.round(durationMs),
  };
}

function useOf(req: IncomingMessage, costOf: CallCost, currency: string | undefined): object {
  const call = getAiCall(req);
  if (call === undefined) return {};
  const model = call.model?.slice(0, mostOfModel);
  const usage = admitted.get(req) === undefined ? undefined : getAiUsage(req);
  if (usage === undefined) return { model, stream: call.stream };
  return {
    model,
    stream: call.stream,
    response_model: usage.model?.slice(0, mostOfModel),
    input_tokens: usage.input,
    output_tokens: usage.output,
    cached_input_tokens: usage.cachedInput,
    cache_write_tokens: usage.cacheWrite,
    reasoning_tokens: usage.reasoning,
    usage: usage.source,
    cost: costOf(call.model, usage, call.otherModels),
    currency,
  };
}
