import type { Handler } from "@aivillage/middleware";

import { answerJson, refuseMethod } from "./answer.ts";
import { readReadinessOptions, type ReadinessOptions } from "./options.ts";

/**
 * Makes the handler that tells a load balancer whether to send requests here: 200 `{"status":"ready"}` or 503
 * `{"status":"not_ready"}`.
 *
 * An `isReady` that throws goes to `next`.
 *
 * @throws TypeError for an unknown or bad option
 */
export function readiness(options: ReadinessOptions): Handler {
  const isReady = readReadinessOptions(options);

  return function readinessHandler(req, res, next) {
    const refusal = refuseMethod(req);
    if (refusal !== undefined) return next(refusal);
    if (isReady()) answerJson(req, res, 200, { status: "ready" });
    else answerJson(req, res, 503, { status: "not_ready" });
  };
}
