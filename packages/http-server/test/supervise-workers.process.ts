// A primary that reports to the test that has forked it, and its workers. Arguments: a port, and what new workers do.
import cluster from "node:cluster";
import { createServer } from "node:http";

import {
  closeOnSignals,
  stopServer,
  superviseWorkers,
  workerDied,
  workersListening,
  workersReplaced,
  workerStartFailed,
} from "@aivillage/http-server";

const [port = "0"] = process.argv.slice(2);
let failNew = false;
let refuse = false;
let failRenewal = false;

const report = (message: object): void => void process.send?.(message);

if (cluster.isPrimary) {
  workerDied.subscribe((event) => report({ died: event }));
  workersReplaced.subscribe((event) => report(event));
  workerStartFailed.subscribe(() => report({ startFailed: true }));
  void workersListening(2).then(() => report({ allListen: true }));
  cluster.on("listening", ({ process: { pid } }, address) => report({ listening: pid, port: address.port }));
  cluster.on("message", (_worker, message: object) => report(message));
  process.on("message", (message: { failNew?: boolean; refuse?: boolean; failRenewal?: boolean }) => {
    ({ failNew = false, refuse = false, failRenewal = false } = message);
    report({ ready: true });
  });
  const env: Record<string, string> = { GREETING: "hello" };
  const exitCode = await superviseWorkers({
    workers: 2,
    env,
    startMs: 60_000,
    renew: async () => {
      if (failRenewal) throw new Error("the configuration is not valid");
      if (refuse) return undefined;
      if (failNew) env["FAIL"] = "1";
      return () => {
        delete env["FAIL"];
        report({ takenBack: true });
      };
    },
  });
  report({ exitCode });
  process.exit(exitCode);
}

if (process.env["FAIL"] === "1") process.exit(3);
process.on("SIGHUP", () => process.send?.({ hangup: process.pid }));
const server = createServer((_req, res) => void res.end(process.env["GREETING"])).listen(Number(port), "127.0.0.1");
closeOnSignals(() => stopServer(server), { onError: () => undefined });
