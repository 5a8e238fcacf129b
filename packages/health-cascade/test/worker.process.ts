/** A worker for the tests: responds with its health on its own port. The options of its cascade come from the environment. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { toListener } from "@aivillage/middleware";

import { healthCascade, type HealthCascadeOptions } from "../src/index.ts";

const health = healthCascade(JSON.parse(process.env["HEALTH"] ?? "{}") as HealthCascadeOptions);
const server = createServer(toListener(health));

process.on("message", (message) => {
  if (message !== "close") return;
  health.close();
  process.send?.("closed");
});

server.listen({ port: 0, host: "127.0.0.1", exclusive: true }, () => process.send?.({ port: (server.address() as AddressInfo).port }));
