import type { Handler } from "@aivillage/middleware";

import type { ReadinessOptions } from "./options.ts";
import { readReadinessOptions } from "./read-options.ts";
import { respondJson, refuseMethod } from "./respond-json.ts";

/**
 * Makes the handler that tells a load balancer whether to send requests here: 200 `{"status":"ready"}` or 503
 * `{"status":"not_ready"}`.
 *
 * If `isReady` throws, the error goes to `next`. If it returns false, no service is probed.
 *
 * @throws TypeError for an unknown or bad option
 */
export function readiness(options: ReadinessOptions): Handler {
  const { isReady, health } = readReadinessOptions(options);

  return function readinessHandler(req, res, next) {
    const refusal = refuseMethod(req);
    if (refusal !== undefined) return next(refusal);
    const respond = (ready: boolean): void => respondJson(req, res, ready ? 200 : 503, { status: ready ? "ready" : "not_ready" });
    if (!isReady()) return respond(false);
    if (health === undefined) return respond(true);
    health.check().then(({ status }) => respond(status !== "unhealthy"), next);
  };
}
