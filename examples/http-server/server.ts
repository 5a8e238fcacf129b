// An Express app on a server that slow and greedy clients cannot exhaust. On SIGTERM it fails its readiness probe, then drains.
import { clientDropped, closeOnSignals, connectionLimited, httpServer, stopServer } from "@aivillage/http-server";
import express from "express";

let isDraining = false;
const app = express();
app.get("/readyz", (_req, res) => void res.status(isDraining ? 503 : 200).json({ ready: !isDraining }));
app.get("/tides", (_req, res) => void res.json({ tide: "high at 05:12" }));
app.get("/slow", (_req, res) => void setTimeout(() => res.json({ tide: "turning" }), 1_000));
app.post("/notes", express.text(), (req, res) => void res.json({ length: String(req.body).length }));

const server = httpServer(app, { maxConnections: 1_000, maxConnectionsPerAddress: 100 });
connectionLimited.subscribe(({ limit, action }) => console.log(`limit reached: ${limit}, ${action}`));
clientDropped.subscribe(({ address, reason }) => console.log(`dropped ${address}: ${reason}`));

const port = Number(process.env["PORT"] ?? 3000);
server.listen(port, () => console.log(`The server listens on http://localhost:${port}`));

closeOnSignals(
  async () => {
    isDraining = true;
    await stopServer(server, { delayMs: 200, idleMs: 100, drainMs: 10_000 });
  },
  { onSignal: (signal) => console.log(`${signal}: draining`) },
);
