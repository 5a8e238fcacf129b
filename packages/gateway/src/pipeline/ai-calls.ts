import type { IncomingMessage } from "node:http";

import { aiCall, aiResponseFilter, dialects } from "@aivillage/ai-call";
import type { DownstreamProxyOptions } from "@aivillage/downstream-proxy";
import { getInput } from "@aivillage/input-sanitizer";
import { defined, type Handler, requestValue } from "@aivillage/middleware";
import type { ErrorForm } from "@aivillage/problem-details";

import { type AiRoute, aiRouteOf } from "../config/settings/route-ai.ts";
import type { RouteConfig } from "../config/settings/route-config.ts";
import { toBytes } from "../config/settings/route-input.ts";
import { askForBody } from "./input.ts";
import { noteUpstreamId } from "./upstream-id.ts";

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
    function aiErrorsHandler(req, _res, next) {
      errorForm.set(req, form);
      next();
    },
  ];
}

function formOf({ dialect }: AiRoute): ErrorForm {
  return dialects.get(dialect)?.errorForm ?? "openai";
}

/** Limits and meters the calls of an AI route. Mount it after what checks the body, and before the proxy. */
export function aiCalls(route: Pick<RouteConfig, "ai" | "body" | "maxBodyBytes">): Handler[] {
  const call = aiRouteOf(route);
  if (call === undefined) return [];
  const { maxBodyBytes } = route;
  const handler = aiCall({
    ...call,
    ...defined({ bodyBytes: maxBodyBytes === undefined ? undefined : toBytes(maxBodyBytes) }),
    body: checkedText,
  });
  // What checks a body asks for it itself.
  return typeof route.body === "object" ? [handler] : [askForBody, handler];
}

/** How the proxy of an AI route treats the responses of its service. */
export function aiProxyOptions(route: Pick<RouteConfig, "ai">): Pick<DownstreamProxyOptions, "filter"> {
  if (aiRouteOf(route) === undefined) return {};
  return {
    filter: (req, head) => {
      noteUpstreamId(req, head.headers);
      return aiResponseFilter(req, head);
    },
  };
}

/** The body as it was checked. */
function checkedText(req: IncomingMessage): string | undefined {
  const input = getInput(req);
  if (input?.body === undefined) return undefined;
  return input.text ?? JSON.stringify(input.body);
}
