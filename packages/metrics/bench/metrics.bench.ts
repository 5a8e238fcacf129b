/**
 * The cost of counting and timing a request: ours against prom-client used directly and against express-prom-bundle.
 * Run: `node --conditions=@aivillage/source bench/metrics.bench.ts`. Fails when ours takes more than 0.5 us or is not the cheapest.
 */
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";

import type { Handler } from "@aivillage/middleware";
import { Counter, Gauge, Histogram, Registry } from "prom-client";

import { metrics } from "../src/index.ts";
import { peer } from "./peers.ts";

const budgetUs = 0.5;
const requestsPerRound = 20_000;
const rounds = 21;
const templates = ["/v1/query", "/v1/chat", "/healthz", "/users/:id"];
const traceId = "0af7651916cd43dd8448eb211c80319c";
const endpoint = (req: IncomingMessage): string => req.url ?? "";

/** What a careful user writes with prom-client alone. */
function direct(): Handler {
  const registers = [new Registry()];
  const labelNames = ["method", "endpoint", "status"];
  const total = new Counter({ name: "total", help: "T.", labelNames, registers });
  const seconds = new Histogram({
    name: "seconds",
    help: "S.",
    labelNames,
    registers,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30],
  });
  const inFlight = new Gauge({ name: "in_flight", help: "I.", registers });
  return (req, res, next) => {
    const startedAt = performance.now();
    inFlight.inc();
    res.once("close", () => {
      inFlight.dec();
      const labels = { method: req.method ?? "", endpoint: endpoint(req), status: String(res.statusCode) };
      total.inc(labels);
      seconds.observe(labels, (performance.now() - startedAt) / 1_000);
    });
    next();
  };
}

const quiet = { defaultMetrics: false, endpoint };
const contestants: Record<string, Handler> = {
  "nothing at all": (_req, _res, next) => next(),
  "metrics()": metrics({ ...quiet, registry: new Registry() }),
  "metrics({ traceId })": metrics({ ...quiet, registry: new Registry(), traceId: () => traceId }),
  "prom-client, by hand": direct(),
};
const bundle = peer("express-prom-bundle") as ((options: object) => Handler) | undefined;
if (bundle !== undefined) contestants["express-prom-bundle"] = bundle({ includeMethod: true, includePath: true, autoregister: false });

const next = (): void => undefined;
const socket = new Socket();
function makeRequests(): [IncomingMessage, ServerResponse][] {
  return Array.from({ length: requestsPerRound }, (_, place) => {
    const req = new IncomingMessage(socket);
    req.method = place % 3 === 0 ? "POST" : "GET";
    req.url = templates[place % templates.length] ?? "";
    const res = new ServerResponse(req);
    if (place % 10 === 0) res.statusCode = 404;
    return [req, res];
  });
}

/** Microseconds of CPU per request. The requests are made before the clock runs. */
function run(handler: Handler): number {
  const requests = makeRequests();
  const before = process.cpuUsage();
  for (const [req, res] of requests) {
    handler(req, res, next);
    Object.assign(res, { finished: true });
    res.emit("finish");
    res.emit("close");
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / requestsPerRound;
}

const taken: Record<string, number[]> = {};
for (let round = 0; round < rounds; round += 1) {
  for (const [name, handler] of Object.entries(contestants)) (taken[name] ??= []).push(run(handler));
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
const nothing = median(taken["nothing at all"] ?? []);
const costs = Object.entries(taken).map(([name, values]): [string, number] => [name, median(values) - nothing]);
const ours = costs.find(([name]) => name === "metrics()")?.[1] ?? NaN;
for (const [name, us] of costs) console.log(`${name.padEnd(24)} ${us.toFixed(2).padStart(6)} us   ${(us / ours).toFixed(1)} x ours`);
const tooSlow = costs.some(([name, us]) => name.startsWith("metrics(") && !(us <= budgetUs));
if (tooSlow || costs.some(([name, us]) => name.includes("prom") && us < ours)) {
  console.error(`ours has to take at most ${budgetUs} us and less than the others`);
  process.exitCode = 1;
}
