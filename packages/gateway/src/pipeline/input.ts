import { sanitizeInput, type SanitizeInputOptions } from "@aivillage/input-sanitizer";
import { awaitsContinue, compose, type Handler, hasBody, HttpProblem, sendContinue } from "@aivillage/middleware";

import { jsonTimeoutMs } from "./body-times.ts";

/** Checks the input of a route. A client that asks before it sends its body is told to when the rest of its request has passed. */
export function inputPart(schemas: Pick<SanitizeInputOptions, "body" | "query">): Handler {
  const sanitize = sanitizeInput({ ...schemas, limits: { bodyTimeoutMs: jsonTimeoutMs } });
  return schemas.body === undefined ? sanitize : compose(askForBody, sanitize);
}

/**
 * Tells a client that waits with `Expect: 100-continue` to send its body (RFC 9110, 10.1.1) as soon as somebody begins to read it, so
 * that a refusal by the head costs no upload. Mount it before what reads a body and does not ask for it by itself.
 *
 * Node does so before any handler runs, unless the server listens to `checkContinue`, as that of `startGateway()` does.
 */
export const askForBody: Handler = (req, res, next) => {
  if (!awaitsContinue(req)) return next();
  req.on("newListener", function onNewListener(event) {
    if (event !== "data" && event !== "readable") return;
    req.off("newListener", onNewListener);
    // Nothing is written after a refusal, whose body is read too, to be thrown away.
    sendContinue(req, res);
  });
  next();
};

/** No content is the most that is taken, of whatever type: that is 413, as 415 would have to name the types that are (RFC 9110, 15.5). */
const bodyRefused = new HttpProblem({
  status: 413,
  type: "payload-too-large",
  title: "Payload too large",
  detail: "This route takes no body.",
  extensions: { limit_bytes: 0 },
});

/** Refuses a request that announces a body (RFC 9112, 6.3), before anybody asks for it or reads it. */
export const refuseBody: Handler = (req, _res, next) => next(hasBody(req) ? bodyRefused : undefined);
