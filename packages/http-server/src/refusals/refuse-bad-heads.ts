import { randomUUID } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";

import { announceClose, discardRest, endWith, HttpProblem, problemDocument, replaceResponse } from "@aivillage/middleware";

import { checkHead } from "./check-head.ts";
import type { RefusalSettings } from "./refuse.ts";

/** A listener that hands on the requests whose heads are valid, and responds to the others with a problem document. */
export function refuseBadHeads(handler: RequestListener, settings: RefusalSettings): RequestListener {
  return function refuseBadHeadsListener(req, res) {
    checkHead(req, res, (error) => {
      if (error === undefined) handler(req, res);
      else sendProblem(req, res, HttpProblem.from(error), settings);
    });
  };
}

function sendProblem(req: IncomingMessage, res: ServerResponse, problem: HttpProblem, { headers, typeUri }: RefusalSettings): void {
  const requestId = randomUUID();
  announceClose(req, res);
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
  replaceResponse(res, problem);
  res.setHeader("Cache-Control", "no-store");
  res.setHeader("X-Request-Id", requestId);
  res.setHeader("Content-Type", "application/problem+json");
  endWith(res, problemDocument(problem, typeUri, { request_id: requestId }));
  discardRest(req, res);
}
