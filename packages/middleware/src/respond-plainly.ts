import type { IncomingMessage, ServerResponse } from "node:http";

import { announceClose, discardRest } from "./body/discard-rest.ts";
import { cutShort } from "./cut-short.ts";
import { endWith } from "./end-with.ts";
import { HttpProblem } from "./http-problem.ts";
import { replaceResponse } from "./replace-response.ts";

/** The response to an error that no error handler handled: status, headers and a line of text; the message stays inside. */
export function respondPlainly(error: unknown, req: IncomingMessage, res: ServerResponse): void {
  if (res.headersSent) return cutUnlessComplete(res);
  const problem = HttpProblem.from(error);
  const body = `${problem.title}\n`;
  replaceResponse(res, problem);
  res.setHeader("Content-Type", "text/plain; charset=utf-8");
  res.setHeader("Content-Length", Buffer.byteLength(body));
  announceClose(req, res);
  endWith(res, body);
  // A body that a failed reader left half read would block the connection.
  discardRest(req, res);
}

/** An error that comes after a complete response does not take it back. */
function cutUnlessComplete(res: ServerResponse): void {
  if (!res.writableEnded) cutShort(res);
}
