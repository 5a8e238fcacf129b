/** A worker for the tests: answers on a port of its own and shows the metrics of all workers at `/metrics`. */
import cluster from "node:cluster";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { compose, requestPath, toListener } from "@aivillage/middleware";

import { createGauge, metrics, metricsEndpoint, Registry, reportToPrimary, type ReportToPrimaryOptions } from "../../src/index.ts";

const registry = new Registry();
const path = compose(metrics({ registry, endpoint: requestPath, traceId: (req) => req.headers["x-trace"]?.toString() }));
const workers = createGauge({ registry, name: "workers", help: "Workers.", labelNames: ["kind"] });
const level = createGauge({ registry, name: "level", help: "The highest worker id.", aggregator: "max" });
const seen = createGauge({ registry, name: "seen", help: "Who has seen something last.", aggregator: "newest" });
workers.set(["alive"], 1);
level.set([], cluster.worker?.id ?? 0);

const reports = reportToPrimary({ registry, ...(JSON.parse(process.env["REPORTS"] ?? "{}") as ReportToPrimaryOptions) });
const scrape = metricsEndpoint({ registry: reports });
const server = createServer(
  toListener(
    compose(path, (req, res, next) => {
      if (requestPath(req) === "/metrics") return scrape(req, res, next);
      if (requestPath(req) === "/hang") return void res.write("…");
      if (requestPath(req) === "/see") seen.set([], cluster.worker?.id ?? 0);
      if (requestPath(req) === "/reset-labels") workers.set(["extra"], 1);
      if (requestPath(req) === "/forget") registry.resetMetrics();
      res.end("ok");
    }),
  ),
);

process.on("message", (message) => {
  if (message === "stop") void stop();
});

async function stop(): Promise<void> {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeIdleConnections();
  });
  await reports.close();
  process.exit(0);
}

server.listen({ port: 0, host: "127.0.0.1", exclusive: true }, () => process.send?.({ port: (server.address() as AddressInfo).port }));
