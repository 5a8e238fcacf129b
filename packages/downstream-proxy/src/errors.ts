import { HttpProblem } from "@aivillage/middleware";

// Details name targets, never origins: a client must not learn internal addresses. The cause is for logs.

export function malformedTarget(rule: string): HttpProblem {
  return new HttpProblem({
    status: 400,
    type: "malformed-target",
    title: "Malformed request target",
    detail: `The request target cannot be forwarded. ${rule}`,
  });
}

export function notImplemented(detail: string): HttpProblem {
  return new HttpProblem({ status: 501, type: "not-implemented", detail });
}

export function badGateway(detail: string, cause: unknown): HttpProblem {
  return new HttpProblem({ status: 502, type: "bad-gateway", detail, cause });
}

export function gatewayTimeout(detail: string, cause?: unknown): HttpProblem {
  return new HttpProblem({ status: 504, type: "gateway-timeout", detail, cause });
}

export function serviceUnavailable(detail: string, retryAfterMs: number, cause: unknown): HttpProblem {
  return new HttpProblem({
    status: 503,
    type: "service-unavailable",
    detail,
    headers: { "Retry-After": String(Math.ceil(retryAfterMs / 1000)) },
    cause,
  });
}
