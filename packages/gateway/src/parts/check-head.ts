import { type Handler, HttpProblem } from "@aivillage/middleware";

import { hostOfTarget } from "../routes/origin-form.ts";

const hostMissing = new HttpProblem({
  status: 400,
  type: "malformed-request",
  title: "Malformed request",
  detail: "A request in HTTP/1.1 must have a Host field.",
  headers: { Connection: "close" },
});

const expectationFailed = new HttpProblem({ status: 417, detail: "This server knows no expectation but 100-continue." });

/**
 * Refuses what HTTP/1.1 demands to be refused: a request without `Host` (RFC 9112, 3.2), and one that expects what nobody can do
 * (RFC 9110, 10.1.1). Node would answer both by itself, without a problem document and without a word in the log, but for the settings
 * of the server of `startGateway()`.
 *
 * The host of a target in absolute form takes the place of the field (RFC 9112, 3.2.2), so that no service hears another.
 */
export const checkHead: Handler = (req, _res, next) => {
  const { headers, httpVersionMinor, url = "/" } = req;
  const isModern = httpVersionMinor > 0;
  if (headers.host === undefined && isModern) return next(hostMissing);
  if (headers.expect !== undefined && isModern && headers.expect.toLowerCase() !== "100-continue") return next(expectationFailed);
  if (headers.host !== undefined && !url.startsWith("/")) headers.host = hostOfTarget(url) ?? headers.host;
  next();
};
