import { type Handler, HttpProblem, passError } from "@aivillage/middleware";

import type { HealthSource } from "./health-source.ts";
import type { ReadinessOptions } from "./options.ts";
import { readReadinessOptions } from "./read-options.ts";
import type { HealthReport } from "./report.ts";
import { respondJson, refuseMethod } from "./respond-json.ts";

/**
 * Makes the handler by which a load balancer knows whether to send requests here: 200 `{"status":"ready"}` or 503
 * `{"status":"not_ready"}`.
 *
 * With `health`, a caller can ask for services: `/readyz?service=twin` is 200 only while `twin` is healthy too. A service that does not
 * exist is a 404 problem of type `not-found`, which an orchestrator takes for not ready. If `isReady` throws, the error goes to `next`. If
 * it returns false, no service is probed.
 *
 * @throws OptionError for an unknown or bad option
 */
export function readiness(options: ReadinessOptions): Handler {
  const { isReady, health, requires } = readReadinessOptions(options);

  async function areServicesReady(source: HealthSource, named: readonly string[]): Promise<boolean> {
    const report = await source.check();
    const needed = [...(requires ?? []), ...named].map((name) => statusOf(report, name));
    return (requires !== undefined || report.status !== "unhealthy") && needed.every((status) => status === "healthy");
  }

  return function readinessHandler(req, res, next) {
    const refusal = refuseMethod(req);
    if (refusal !== undefined) return passError(refusal, res, next);
    const respond = (ready: boolean): void => respondJson(req, res, ready ? 200 : 503, { status: ready ? "ready" : "not_ready" });
    if (!isReady()) return respond(false);
    const named = namedServices(req.url);
    if (health === undefined || (requires?.length === 0 && named.length === 0)) return respond(true);
    areServicesReady(health, named).then(respond, (error: unknown) => passError(error, res, next));
  };
}

/** The values of `service` in the query. */
function namedServices(url = ""): string[] {
  const start = url.indexOf("?");
  return start === -1 ? [] : new URLSearchParams(url.slice(start)).getAll("service");
}

/** The name is not repeated in the error: anyone can send one. */
function statusOf({ services }: HealthReport, name: string): string | undefined {
  if (Object.hasOwn(services, name)) return services[name]?.status;
  throw new HttpProblem({
    status: 404,
    type: "not-found",
    detail: "There is no service with the name that `service` gives. The health report lists the names.",
  });
}
