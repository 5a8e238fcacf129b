import type { IncomingMessage } from "node:http";

import { authenticated, type Principal } from "@aivillage/api-key-auth";
import { downstreamAttempted } from "@aivillage/downstream-proxy";
import { inputErrors, type SubscribeOwn } from "@aivillage/middleware";
import { problemSent } from "@aivillage/problem-details";
import { rateLimitDecided, rateLimitSkipped } from "@aivillage/rate-limit";
import { getRequestId } from "@aivillage/request-id";
import { getRoute } from "@aivillage/router";

import type { GatewayLogger } from "../../dependencies.ts";

const rounded = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : Math.round(ms * 10) / 10);

/**
 * Logs each decision about a request at DEBUG: whose it is, what its limits left, each attempt at a replica, and what its input failed of.
 * Never a body, a credential or a value that the client sent.
 *
 * @returns what ends it
 */
export function logDecisions(on: SubscribeOwn, logger: GatewayLogger): () => void {
  const line = (req: IncomingMessage, message: string, fields: object): void =>
    logger.debug({ request_id: getRequestId(req), route: getRoute(req), ...fields }, message);
  const ends = [
    on(authenticated, ({ req, principal }) => line(req, "authenticated", principalFields(principal))),
    on(rateLimitDecided, ({ req, policy, tier, decision, limit, remaining, penalised }) =>
      line(req, "rate limit decided", { policy, tier, decision, limit, remaining, penalised }),
    ),
    on(rateLimitSkipped, ({ req, reason }) => line(req, "rate limit skipped", { reason })),
    on(downstreamAttempted, (attempt) =>
      line(attempt.req, "attempt ended", {
        service: attempt.target,
        origin: attempt.origin,
        attempt: attempt.attempt,
        outcome: attempt.outcome,
        reason: attempt.reason,
        status: attempt.status,
        queued_ms: rounded(attempt.queuedMs),
        connect_ms: rounded(attempt.connectMs),
        first_byte_ms: rounded(attempt.firstByteMs),
        duration_ms: rounded(attempt.durationMs),
        bytes: attempt.bytes,
        bytes_sent: attempt.bytesSent,
      }),
    ),
    on(problemSent, ({ req, problem }) =>
      line(req, "problem sent", { problem: problem.type, status: problem.status, errors: inputErrors(problem) }),
    ),
  ];
  return () => {
    for (const end of ends) end();
  };
}

function principalFields({ kind, id, keyId, tier, scopes }: Principal): object {
  return { principal: `${kind}:${id}`, key_id: keyId, tier, scopes };
}
