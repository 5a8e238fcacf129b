import type { Handler } from "@aivillage/middleware";

import { answerJson, refuseMethod } from "./respond-json.ts";

/**
 * Makes the handler that answers 200 `{"status":"alive"}` for as long as the process can answer at all.
 *
 * It asks nobody else, on purpose: an orchestrator restarts what is not alive, and a restart cures no service behind it.
 */
export function liveness(): Handler {
  return function livenessHandler(req, res, next) {
    const refusal = refuseMethod(req);
    if (refusal !== undefined) return next(refusal);
    answerJson(req, res, 200, { status: "alive" });
  };
}
