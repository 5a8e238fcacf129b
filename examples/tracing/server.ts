// An Express app with its own route and a proxy. Start it with `--import ./telemetry.ts` and each request becomes a span, with one
// child for each attempt of the proxy. Without it, nothing is recorded and nothing else changes.
import { once } from "node:events";
import type { IncomingMessage } from "node:http";

import { downstreamAttempted, downstreamProxy } from "@aivillage/downstream-proxy";
import { attemptTracing, tracing } from "@aivillage/tracing";
import express, { type Request } from "express";

function route(req: IncomingMessage): string | undefined {
  const { baseUrl, route: matched } = req as Request;
  return matched && baseUrl + matched.path;
}

const traced = tracing({ route, attempts: downstreamAttempted });
const tides = downstreamProxy({
  ...attemptTracing(),
  targets: [{ name: "tides", url: process.env["TIDES_URL"] ?? "http://localhost:8001" }],
});

const app = express();
app.use(traced);
app.get("/ports/:name", (req, res) => void res.json({ port: req.params.name }));
app.get("/tides/:name", tides);

const port = Number(process.env["PORT"] ?? 3000);
const server = app.listen(port, () => console.log(`Tides with traces listens on http://localhost:${port}`));

process.once("SIGTERM", () => {
  server.close();
  void once(server, "close").then(() => Promise.all([tides.close(), traced.close()]));
});
