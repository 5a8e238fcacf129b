/**
 * A worker for the tests: responds with its health on its own port. The options of its cascade come from the environment. `close` ends
 * the cascade; a path starts it and keeps the process busy for two seconds and until the file exists.
 */
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { toListener } from "@aivillage/middleware";

import { healthCascade, type HealthCascadeOptions } from "../src/index.ts";

const health = healthCascade(JSON.parse(process.env["HEALTH"] ?? "{}") as HealthCascadeOptions);
const server = createServer(toListener(health));

process.on("message", (message: unknown) => {
  if (message === "close") {
    health.close();
    process.send?.("closed");
  } else if (typeof message === "string") {
    health.start();
    const startedAt = performance.now();
    while (performance.now() - startedAt < 2_000 || !existsSync(message));
  }
});

server.listen({ port: 0, host: "127.0.0.1", exclusive: true }, () => process.send?.({ port: (server.address() as AddressInfo).port }));
