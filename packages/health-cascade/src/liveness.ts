import { type Handler, passError } from "@aivillage/middleware";

import { respondJson, refuseMethod } from "./respond-json.ts";

/**
 * Makes the handler that responds with 200 `{"status":"alive"}` while the process can respond at all.
 *
 * It deliberately checks no service: an orchestrator restarts a process that is not alive, and a restart does not fix an upstream service.
 */
export function liveness(): Handler {
  return function livenessHandler(req, res, next) {
    const refusal = refuseMethod(req);
    if (refusal !== undefined) return passError(refusal, res, next);
    respondJson(req, res, 200, { status: "alive" });
  };
}
