/** The server under test, in a process of its own: `health.bench.ts` starts it and sends it the services to stand before. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { type Handler, toListener } from "@aivillage/middleware";

import { type HealthCascade, healthCascade, type HealthCascadeOptions } from "../src/index.ts";

let health: HealthCascade = healthCascade({ services: {} });
const current: Handler = (req, res, next) => health(req, res, next);
// An idle connection that the server closes while the load takes it up again would be an error of neither.
const server = createServer({ keepAliveTimeout: 0 }, toListener(current)).listen({ port: 0, host: "127.0.0.1", backlog: 4_096 }, () => {
  process.send?.((server.address() as AddressInfo).port);
});

process.on("message", (services: HealthCascadeOptions["services"]) => {
  health.close();
  health = healthCascade({ services, probe: "request" });
  process.send?.("ready");
});
process.once("disconnect", () => process.exit());
