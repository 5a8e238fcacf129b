import type { Handler } from "@aivillage/middleware";

import { readReadinessOptions, type ReadinessOptions } from "./options.ts";
import { answerJson, refuseMethod } from "./respond-json.ts";

/**
 * Makes the handler that tells a load balancer whether to send requests here: 200 `{"status":"ready"}` or 503
 * `{"status":"not_ready"}`.
 *
 * An `isReady` that throws goes to `next`. Nobody is probed once it says false.
 *
 * @throws TypeError for an unknown or bad option
 */
export function readiness(options: ReadinessOptions): Handler {
  const { isReady, health } = readReadinessOptions(options);

  return function readinessHandler(req, res, next) {
    const refusal = refuseMethod(req);
    if (refusal !== undefined) return next(refusal);
    const answer = (ready: boolean): void => answerJson(req, res, ready ? 200 : 503, { status: ready ? "ready" : "not_ready" });
    if (!isReady()) return answer(false);
    if (health === undefined) return answer(true);
    health.check().then(({ status }) => answer(status !== "unhealthy"), next);
  };
}
