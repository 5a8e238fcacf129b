import type { IncomingMessage } from "node:http";

import type { Handler } from "../handler.ts";
import { HttpProblem } from "../http-problem.ts";
import { optionError } from "../option-error.ts";
import { returns, withCheckedResult } from "../option-result.ts";
import { passError } from "../pass-error.ts";
import { isSyncFunction } from "../sync-function.ts";
import { getPendingUpgrade } from "./upgrade-listener.ts";

const refused = new HttpProblem({ status: 403, detail: "Pages of this origin may not open WebSockets here; the operator can allow it." });

/**
 * Makes the handler that refuses WebSockets which pages of other origins open, unless they are allowed. Browsers ask no permission before
 * such a request, send cookies with it, and let the page read what comes, so the server has to check (RFC 6455, 10.2). Clients that are no
 * browsers send no `Origin` and pass. Mount it before what grants the upgrade.
 *
 * @param isAllowed decides about an `Origin` of another host
 * @throws OptionError when `isAllowed` is not a function, or is `async`
 */
export function upgradeOrigins(isAllowed: (origin: string, req: IncomingMessage) => boolean): Handler {
  if (!isSyncFunction(isAllowed)) throw optionError("@aivillage/middleware", "isAllowed", "a function that is not async", isAllowed);
  const allows = withCheckedResult("@aivillage/middleware", "isAllowed", isAllowed, returns.boolean);
  return function upgradeOriginsHandler(req, res, next) {
    const { origin, host } = req.headers;
    if (origin === undefined || getPendingUpgrade(req) === undefined || URL.parse(origin)?.host === host) return next();
    if (allows(origin, req)) next();
    else passError(refused, res, next);
  };
}
