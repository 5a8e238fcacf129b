// No framework: compose() joins the middleware into one handler, and toListener() makes it a listener for node:http.
import { createServer } from "node:http";

import { bodyReader, compose, fixedResponse, type Handler, HttpProblem, requestPath, toListener } from "@aivillage/middleware";
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

/** Clients that have it get 304, and those that take gzip get it compressed. */
const sendHelp = fixedResponse(
  "text/plain; charset=utf-8",
  "GET /tides is the next tide. POST /notes keeps a note of at most 1,000 bytes.\n",
);

const readNote = bodyReader({
  maxBytes: 1_000,
  timeoutMs: 10_000,
  tooLarge: () => new HttpProblem({ status: 413, headers: { Connection: "close" } }),
  tooLate: () => new HttpProblem({ status: 408, headers: { Connection: "close" } }),
  alreadyRead: () => new Error("the body was read before"),
});

const others: Handler = (req, res, next) => {
  if (requestPath(req) === "/help") return sendHelp(req, res, next);
  if (requestPath(req) !== "/notes") return next();
  readNote(req, res, (error, note) => {
    if (error !== undefined) return next(error);
    res.end(JSON.stringify({ bytes: note.length }));
  });
};

const handler = compose(requestId(), securityHeaders(), tides, others, notFound());
const server = createServer(toListener(handler, problemDetails({ requestId: getRequestId })));

const port = Number(process.env["PORT"] ?? 3000);
server.listen(port, () => console.log(`node:http listens on http://localhost:${port}`));
process.once("SIGTERM", () => server.close());
