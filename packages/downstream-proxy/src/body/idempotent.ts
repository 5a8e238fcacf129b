import type { IncomingMessage } from "node:http";

/** Methods whose repetition does no more than the first request did (RFC 9110, 9.2.2; QUERY: draft-ietf-httpbis-safe-method-w-body). */
const idempotent: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "QUERY"]);

/** Whether the request may reach a service twice: by its method, or because its `Idempotency-Key` lets the service tell. */
export function isRepeatable({ method, headers }: IncomingMessage): boolean {
  return idempotent.has(method ?? "") || headers["idempotency-key"] !== undefined;
}
