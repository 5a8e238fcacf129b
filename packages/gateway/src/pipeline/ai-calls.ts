import type { IncomingMessage } from "node:http";

import { aiCall, aiResponseFilter, dialects, renameModels } from "@aivillage/ai-call";
import type { DownstreamProxyOptions, TargetOptions } from "@aivillage/downstream-proxy";
import { getInput } from "@aivillage/input-sanitizer";
import { defined, type Handler, requestValue } from "@aivillage/middleware";
import type { ErrorForm } from "@aivillage/problem-details";
import { getRequestId } from "@aivillage/request-id";

import type { ExpandedRoute } from "../config/settings/expand-route.ts";
import type { ModelNames } from "../config/settings/model-names.ts";
import { type AiRoute, aiRouteOf } from "../config/settings/route-ai.ts";
import type { RouteConfig } from "../config/settings/route-config.ts";
import { toBytes } from "../config/settings/route-input.ts";
import type { UpstreamContext } from "./upstream-context.ts";
import { noteUpstreamId } from "./upstream-id.ts";
import { keyFilter } from "./upstream-keys.ts";

const errorForm = requestValue<ErrorForm>("@aivillage/gateway.error-form");

/** How the client of a request reads errors: as the SDKs of its dialect on an AI route, otherwise as any client. */
export function errorFormOf(req: IncomingMessage): ErrorForm | true {
  return errorForm.get(req) ?? true;
}

/** Gives the errors of an AI route the form of its dialect. Mount it first in the route, so that refusals of keys have it too. */
export function aiErrors(route: Pick<RouteConfig, "ai">): Handler[] {
  const call = aiRouteOf(route);
  if (call === undefined) return [];
  const form = formOf(call);
  return [
    function aiErrorsHandler(req, res, next) {
      errorForm.set(req, form);
      // Its SDKs read the id of a request here, no matter who responds. The service's own id is in the log.
      if (form === "anthropic") res.setHeader("Request-Id", getRequestId(req) ?? "");
      next();
    },
  ];
}

function formOf({ dialect }: AiRoute): ErrorForm {
  return dialects.get(dialect)?.errorForm ?? "openai";
}

/** Limits and meters the calls of an AI route. Mount it after what checks the body, and before the proxy. */
export function aiCalls(route: Pick<RouteConfig, "ai" | "maxBodyBytes">): Handler[] {
  const call = aiRouteOf(route);
  if (call === undefined) return [];
  const { maxBodyBytes } = route;
  const { modelNames: _ofTarget, ...options } = call;
  const bodyBytes = maxBodyBytes === undefined ? undefined : toBytes(maxBodyBytes);
  // The proxy of the route has the filter, and nothing else writes the response to a call that was accepted.
  return [aiCall({ ...options, ...defined({ bodyBytes }), body: checkedText, watchResponse: false })];
}

/** Gives models the names that they have at a service. */
export function namedBody(names: ModelNames | undefined): TargetOptions["body"] {
  return names === undefined ? undefined : renameModels(names);
}

/** How the proxy of a route treats the responses of its service, if that serves models or gets a key of the gateway. */
export function responseFilter(route: ExpandedRoute, context: UpstreamContext): Pick<DownstreamProxyOptions, "filter"> {
  const ofCall: DownstreamProxyOptions["filter"] = (req, head) => {
    noteUpstreamId(req, head.headers);
    return aiResponseFilter(req, head);
  };
  const ofKeys = keyFilter(route, context, ofCall);
  if (ofKeys !== undefined) return { filter: ofKeys };
  return aiRouteOf(route) === undefined ? {} : { filter: ofCall };
}

/** The body as it was checked. */
function checkedText(req: IncomingMessage): string | undefined {
  const input = getInput(req);
  if (input?.body === undefined) return undefined;
  return input.text ?? JSON.stringify(input.body);
}
