import type { IncomingMessage, ServerResponse } from "node:http";

import { awaitsContinue, sendContinue } from "@aivillage/middleware";

/**
 * Asks for the body of a request with `Expect: 100-continue` when it is needed, which is when there is a connection to the target;
 * `undefined` when the client does not wait to be asked.
 */
export function continueWhenRead(req: IncomingMessage, res: ServerResponse): (() => void) | undefined {
  return awaitsContinue(req) ? () => sendContinue(req, res) : undefined;
}
