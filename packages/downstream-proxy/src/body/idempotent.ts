import type { IncomingMessage } from "node:http";

/** Methods for which a repeated request has the same effect as one (RFC 9110, 9.2.2; QUERY: draft-ietf-httpbis-safe-method-w-body). */
const idempotent: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "QUERY"]);

/** Whether the request may reach a service twice: because of its method, or because its `Idempotency-Key` lets the service detect it. */
export function isIdempotent({ method, headers }: IncomingMessage): boolean {
  return idempotent.has(method ?? "") || headers["idempotency-key"] !== undefined;
}
