import { type Handler, passError, readOptions } from "@aivillage/middleware";

import { respondJson, refuseMethod } from "./respond-json.ts";

/**
 * Makes the handler that responds with 200 `{"status":"alive"}` while the process can respond at all.
 *
 * It deliberately checks no service: an orchestrator restarts a process that is not alive, and a restart does not fix an upstream service.
 *
 * @throws TypeError for any option, and when it is mounted without a call
 */
export function liveness(): Handler;
export function liveness(...[options]: readonly (object | undefined)[]): Handler {
  readOptions("@aivillage/health-cascade", options, {});
  return function livenessHandler(req, res, next) {
    const refusal = refuseMethod(req);
    if (refusal !== undefined) return passError(refusal, res, next);
    respondJson(req, res, 200, { status: "alive" });
  };
}
