import { HttpProblem } from "@aivillage/middleware";

// Details name neither targets nor replicas: a client must not learn internal names and addresses. The cause is for logs.

/** Further bytes on the connection may belong to the same attack. */
const close = { Connection: "close" };

export function malformedTarget(rule: string): HttpProblem {
  return new HttpProblem({
    status: 400,
    type: "malformed-target",
    title: "Malformed request target",
    detail: `The request target cannot be forwarded. ${rule}`,
    headers: close,
  });
}

export function malformedRequest(rule: string): HttpProblem {
  return new HttpProblem({
    status: 400,
    type: "malformed-request",
    title: "Malformed request",
    detail: `The request cannot be forwarded. ${rule}`,
    headers: close,
  });
}

export function loopDetected(viaName: string): HttpProblem {
  const detail = `The request has looped: its Via header already names "${viaName}".`;
  return new HttpProblem({ status: 508, type: "loop-detected", detail });
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

export function tooManyConcurrent(count: number, retryAfterMs: number): HttpProblem {
  return new HttpProblem({
    status: 429,
    type: "too-many-concurrent-requests",
    title: "Too many concurrent requests",
    detail: `You have ${count} requests in progress, the most that are allowed at the moment. Try again when one has ended.`,
    headers: { "Retry-After": String(Math.ceil(retryAfterMs / 1000)) },
  });
}

export function proxyClosed(retryAfterMs: number): HttpProblem {
  return serviceUnavailable("The server is shutting down.", retryAfterMs, undefined);
}

/** The target responded to an upgrade request as if it were an ordinary one. */
export function upgradeRefused(status: number): HttpProblem {
  return new HttpProblem({
    status: 502,
    type: "upgrade-refused",
    title: "Upgrade refused",
    detail: `The upstream service did not switch protocols; it responded with ${status}.`,
  });
}

export function payloadTooLarge(limitBytes: number): HttpProblem {
  return new HttpProblem({
    status: 413,
    type: "payload-too-large",
    title: "Payload too large",
    detail: `The body is larger than ${limitBytes} bytes.`,
    extensions: { limit_bytes: limitBytes },
  });
}
