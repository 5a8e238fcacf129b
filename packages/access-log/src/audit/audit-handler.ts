import { type Handler, HttpProblem, passError } from "@aivillage/middleware";

/** Makes the middleware that refuses requests while they cannot be recorded. */
export function auditHandler(refuses: () => boolean): Handler {
  return function auditHandlerOfLog(_req, res, next) {
    if (refuses()) passError(unavailable(), res, next);
    else next();
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
