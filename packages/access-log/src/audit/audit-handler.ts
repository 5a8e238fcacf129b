import { type Handler, HttpProblem } from "@aivillage/middleware";

/** Makes the middleware that refuses requests while they cannot be recorded. */
export function auditHandler(refuses: () => boolean): Handler {
  return function auditHandlerOfLog(_req, _res, next) {
    next(refuses() ? unavailable() : undefined);
  };
}

function unavailable(): HttpProblem {
  return new HttpProblem({
    status: 503,
    type: "audit-unavailable",
    title: "Audit log unavailable",
    detail: "Requests are refused while they cannot be recorded. Try again in a few seconds.",
    headers: { "Retry-After": "5" },
  });
}
