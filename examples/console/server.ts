// An Express app with metrics, limits and a proxy, and the live console beside them. It prints the address of the console, with its key.
import { once } from "node:events";
import type { AddressInfo } from "node:net";

import { liveConsole } from "@aivillage/console";
import { downstreamProxy } from "@aivillage/downstream-proxy";
import { metrics, Registry } from "@aivillage/metrics";
import { getExpressRoute, watchExpressRoute } from "@aivillage/middleware";
import { problemDetails } from "@aivillage/problem-details";
import { rateLimit } from "@aivillage/rate-limit";
import { getRequestId, requestId } from "@aivillage/request-id";
import express from "express";

const registry = new Registry();
const limiter = rateLimit({ policies: [{ name: "clients", limit: 60, windowMs: 60_000 }], penalty: {} });
const proxy = downstreamProxy({ targets: [{ name: "backend", url: process.env["BACKEND_URL"] ?? "http://localhost:8001" }] });
const live = liveConsole({ registry, limiter, upstreams: () => proxy.state(), requestId: getRequestId, title: "Shop" });

const app = express();
app.use("/console", live);
app.use(watchExpressRoute, requestId(), metrics({ registry, endpoint: getExpressRoute }), limiter);
app.use("/api", proxy);
app.use(problemDetails());

const server = app.listen(Number(process.env["PORT"] ?? 3000), "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  console.log(`The app listens on http://localhost:${port}`);
  console.log(`Its console: http://localhost:${port}/console/#key=${live.key}`);
});

process.once("SIGTERM", () => {
  live.close();
  server.close();
  void once(server, "close").then(() => (limiter.close(), proxy.close()));
});
