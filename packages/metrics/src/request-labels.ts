import type { IncomingMessage, ServerResponse } from "node:http";

import { brokenStatus, isResponseDelivered, warnOfOption } from "@aivillage/middleware";

type Resolver = (req: IncomingMessage) => string | undefined;

/** Methods of RFC 9110 and RFC 5789; whatever else a client sends shares one label value, as in OpenTelemetry. */
const knownMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE"]);

export function methodLabel({ method = "" }: IncomingMessage): string {
  return knownMethods.has(method) ? method : "_OTHER";
}

/**
 * 499, the status that proxies log for it, when the connection ended before the response was complete; that of the failure when an upstream
 * service has broken it.
 */
export function statusLabel(req: IncomingMessage, res: ServerResponse): string {
  const failure = brokenStatus(req);
  if (failure !== undefined) return String(failure);
  return isResponseDelivered(req, res) ? String(res.statusCode) : "499";
}

/** A resolver that throws must neither end the process nor lose the request, so it gets its own value. */
export function endpointLabel(resolve: Resolver | undefined, req: IncomingMessage): string {
  try {
    return resolve?.(req) ?? "unmatched";
  } catch (error) {
    warnOfOption(error);
    return "_ERROR";
  }
}

/** Without the trace a request is counted all the same. */
export function traceIdOf(resolve: Resolver | undefined, req: IncomingMessage): string | undefined {
  if (resolve === undefined) return undefined;
  try {
    return resolve(req);
  } catch (error) {
    warnOfOption(error);
    return undefined;
  }
}
