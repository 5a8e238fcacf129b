// An Express app with its own route and a proxy. Start it with `--import ./telemetry.ts` and each request becomes a span, with one
// child for each attempt of the proxy. Without it, nothing is recorded and nothing else changes.
import { once } from "node:events";

import { downstreamAttempted, downstreamProxy } from "@aivillage/downstream-proxy";
import { getExpressRoute, watchExpressRoute } from "@aivillage/middleware";
import { attemptTracing, tracing } from "@aivillage/tracing";
import express from "express";

const traced = tracing({ route: getExpressRoute, attempts: downstreamAttempted });
const tides = downstreamProxy({
  ...attemptTracing(),
  targets: [{ name: "tides", url: process.env["TIDES_URL"] ?? "http://localhost:8001" }],
});

const app = express();
app.use(watchExpressRoute, traced);
app.get("/ports/:name", (req, res) => void res.json({ port: req.params.name }));
app.get("/tides/:name", tides);

const port = Number(process.env["PORT"] ?? 3000);
const server = app.listen(port, () => console.log(`Tides with traces listens on http://localhost:${port}`));

process.once("SIGTERM", () => {
  server.close();
  void once(server, "close").then(() => Promise.all([tides.close(), traced.close()]));
});
