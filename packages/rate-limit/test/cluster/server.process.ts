/** A worker that serves HTTP behind a limit that all workers share, as the README mounts it, on one free port for all. */
import { createServer } from "node:http";

import { compose, type Handler, toListener } from "@aivillage/middleware";

import { ClusterStore, rateLimit } from "../../src/index.ts";

const store = new ClusterStore({ instances: 4, deadlineMs: 5_000 });
const limiter = rateLimit({ limit: 100, windowMs: 60_000, clientIp: (req) => String(req.headers["x-test-client"]), store, penalty: {} });
const name: Handler = (_req, res, next) => next(void res.setHeader("X-Worker", process.pid).setHeader("Connection", "close"));
const listener = toListener(
  compose(name, limiter, (req, res) => {
    if (req.url === "/penalise") limiter.penalize("ann", 11, "test");
    res.end("ok");
  }),
);
createServer(listener).listen(0, "127.0.0.1");
