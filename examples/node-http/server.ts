// No framework: compose() joins the middleware into one handler, and toListener() makes it a listener for node:http.
import { createServer } from "node:http";

import { compose, type Handler, HttpProblem, requestPath, toListener } from "@aivillage/middleware";
import { notFound, problemDetails } from "@aivillage/problem-details";
import { getRequestId, requestId } from "@aivillage/request-id";
import { securityHeaders } from "@aivillage/security-headers";

/** A handler does one of three things: it responds, calls `next()`, or calls `next(error)`. */
const tides: Handler = (req, res, next) => {
  if (requestPath(req) !== "/tides") return next();
  if (req.method !== "GET") return next(new HttpProblem({ status: 405, headers: { Allow: "GET" } }));
  res.setHeader("Content-Type", "application/json");
  res.end(JSON.stringify({ tide: "high at 05:12" }));
};

const handler = compose(requestId(), securityHeaders(), tides, notFound());
const server = createServer(toListener(handler, problemDetails({ requestId: getRequestId })));

const port = Number(process.env["PORT"] ?? 3000);
server.listen(port, () => console.log(`node:http listens on http://localhost:${port}`));
process.once("SIGTERM", () => server.close());
