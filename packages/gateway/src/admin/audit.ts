import type { IncomingMessage } from "node:http";

import { getPrincipal } from "@aivillage/api-key-auth";
import { getClientIp } from "@aivillage/client-ip";
import { type Handler, requestValue } from "@aivillage/middleware";
import { getRequestId } from "@aivillage/request-id";
import { getRoute } from "@aivillage/router";

import type { GatewayLogger } from "../dependencies.ts";
import { principalName } from "../state/client-key.ts";
import { auditLogger } from "../state/log-level.ts";

const subject = requestValue<object>("@aivillage/gateway.admin-subject");

/** Adds to the audit line of a request what it is about, such as the replica. */
export function noteSubject(req: IncomingMessage, fields: object): void {
  subject.set(req, { ...subject.get(req), ...fields });
}

/** Logs who wanted to change what, and what came of it, whether it was permitted or not. The log level does not silence it. */
export function audit(logger: GatewayLogger): Handler {
  const target = auditLogger(logger);
  return function auditHandler(req, res, next) {
    res.once("close", () => {
      const result = resultOf(res.statusCode);
      target[result === "done" ? "info" : "warn"](
        {
          action: `${req.method} ${getRoute(req)}`,
          result,
          status: res.statusCode,
          ...subject.get(req),
          principal: principalName(req),
          key_id: getPrincipal(req)?.keyId,
          client_ip: getClientIp(req),
          request_id: getRequestId(req),
        },
        "admin action",
      );
    });
    next();
  };
}

function resultOf(status: number): "done" | "refused" | "failed" {
  if (status < 300) return "done";
  return status === 401 || status === 403 ? "refused" : "failed";
}
