/** A worker that serves HTTP behind a limit that all workers share, as the README mounts it, on one free port for all. */
import { createServer, type IncomingMessage } from "node:http";

import { compose, type Handler, toListener } from "@aivillage/middleware";

import { ClusterStore, rateLimit } from "../../src/index.ts";

const store = new ClusterStore({ instances: 4, deadlineMs: 5_000 });
// No test takes an hour: none of what was used comes back while it counts.
const clientIp = (req: IncomingMessage): string => String(req.headers["x-test-client"]);
const limiter = rateLimit({ limit: 100, windowMs: 3_600_000, clientIp, store, penalty: {} });
const name: Handler = (_req, res, next) => next(void res.setHeader("X-Worker", process.pid).setHeader("Connection", "close"));
const listener = toListener(
  compose(name, limiter, (req, res) => {
    if (req.url === "/penalise") limiter.penalize("ann", 11, "test");
    res.end("ok");
  }),
);
createServer(listener).listen(0, "127.0.0.1");
