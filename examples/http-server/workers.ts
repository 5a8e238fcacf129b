// Two workers behind one port, and a second port on which an operator sees and changes both at once.
import cluster from "node:cluster";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { closeOnSignals, httpServer, joinFleet, stopServer, superviseWorkers, workerFleet } from "@aivillage/http-server";

let greeting = "hello";
let requests = 0;

/** What the primary can call in each worker. */
const calls = {
  report: () => ({ pid: process.pid, greeting, requests }),
  setGreeting: (next: string) => void (greeting = next),
};

if (cluster.isPrimary) {
  // A worker that starts later gets the greeting too.
  const fleet = workerFleet<typeof calls>({ lasting: (call) => (call === "setGreeting" ? { name: call } : undefined) });
  const operator = createServer(async (req, res) => {
    if (req.method === "PUT") await fleet.all("setGreeting", decodeURIComponent((req.url ?? "").slice(1)));
    const { replies, missing } = await fleet.all("report");
    res.end(JSON.stringify({ workers: replies, missing }));
  });
  operator.listen(Number(process.env["OPERATOR_PORT"] ?? 0), "127.0.0.1", () =>
    console.log(`Operators ask http://127.0.0.1:${(operator.address() as AddressInfo).port}`),
  );
  process.exit(await superviseWorkers({ workers: 2, stopMs: 15_000 }));
}

joinFleet(calls);
const server = httpServer((_req, res) => {
  requests += 1;
  res.end(greeting);
});
const port = Number(process.env["PORT"] ?? 3000);
server.listen(port, () => console.log(`Worker ${cluster.worker?.id} listens on http://localhost:${port}`));
closeOnSignals(() => stopServer(server, { drainMs: 10_000 }));
