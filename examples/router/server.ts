// Routes with parameters on a bare node:http server: metrics and access log group the requests by template.
import { createServer } from "node:http";

import { accessLog } from "@aivillage/access-log";
import { metrics, metricsEndpoint, Registry } from "@aivillage/metrics";
import { compose, type Handler, HttpProblem, toListener } from "@aivillage/middleware";
import { notFound, problemDetails } from "@aivillage/problem-details";
import { getPathParameters, getRoute, redirect, router } from "@aivillage/router";

const tides: Readonly<Record<string, string>> = { brest: "high at 05:12", dover: "high at 11:40" };

const list: Handler = (_req, res) => {
  res.setHeader("Content-Type", "application/json");
  res.end(JSON.stringify({ ports: Object.keys(tides) }));
};

const read: Handler = (req, res, next) => {
  const { port = "" } = getPathParameters(req);
  const tide = Object.hasOwn(tides, port) ? tides[port] : undefined;
  if (tide === undefined) return next(new HttpProblem({ status: 404, detail: `No tide is known for ${port}.` }));
  res.setHeader("Content-Type", "application/json");
  res.end(JSON.stringify({ port, tide }));
};

const registry = new Registry();
const routes = router({
  routes: {
    "/metrics": { GET: metricsEndpoint({ registry }) },
    "/tides": { GET: list },
    "/tides/{port}": { GET: read },
    // Where they were before. A client chooses the port, but never the host that it is sent to.
    "/ports/{port}": { ANY: redirect("/tides/{port}") },
  },
});

const handler = compose(metrics({ registry, endpoint: getRoute }), accessLog({ route: getRoute }), routes, notFound());
const server = createServer(toListener(handler, problemDetails()));

const port = Number(process.env["PORT"] ?? 3000);
server.listen(port, () => console.log(`router listens on http://localhost:${port}`));
process.once("SIGTERM", () => server.close());
