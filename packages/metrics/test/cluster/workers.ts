import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import { join } from "node:path";

import type { ReportToPrimaryOptions } from "../../src/index.ts";
import { type Exposition, parseExposition } from "../parse-exposition.ts";

cluster.setupPrimary({ exec: join(import.meta.dirname, "worker.process.ts"), args: [], execArgv: ["--conditions=@aivillage/source"] });
const forked: Worker[] = [];

export function killAll(): void {
  for (const worker of forked) worker.process.kill("SIGKILL");
}

export interface RunningWorker {
  readonly worker: Worker;
  readonly url: string;
  /** Ends one request after the other, so that it knows exactly how many were answered. */
  work(requests: number, headers?: Record<string, string>): Promise<void>;
  scrape(accept?: string): Promise<Exposition>;
  /** Ends it in order. */
  stop(): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

export async function fork(options: ReportToPrimaryOptions = {}): Promise<RunningWorker> {
  const worker = cluster.fork({ REPORTS: JSON.stringify({ deadlineMs: 10_000, ...options }) });
  forked.push(worker);
  const port = await new Promise<number>((resolve, reject) => {
    worker.once("exit", (code) => reject(new Error(`the worker ended with ${code}`)));
    worker.on("message", (message: { port?: number }) => message.port !== undefined && resolve(message.port));
  });
  const url = `http://127.0.0.1:${port}`;
  const gone = async (): Promise<void> => {
    const both = [once(worker, "exit"), ...(worker.isConnected() ? [once(worker, "disconnect")] : [])];
    await Promise.all(both);
  };
  return {
    worker,
    url,
    async work(requests, headers = {}) {
      for (let sent = 0; sent < requests; sent += 1) await (await fetch(`${url}/work`, { headers })).text();
    },
    async scrape(accept = "text/plain") {
      const response = await fetch(`${url}/metrics`, { headers: { accept } });
      if (response.status !== 200) throw new Error(`${response.status}`);
      return parseExposition(await response.text());
    },
    async stop() {
      worker.send("stop");
      await gone();
    },
    async kill(signal) {
      const ended = gone();
      worker.process.kill(signal);
      await ended;
    },
  };
}

/** Resolves when the worker has sent this many more reports by itself; the first of them may have been under way. */
export function reportsOf({ worker }: RunningWorker, count: number): Promise<void> {
  let reports = 0;
  return new Promise((resolve) => {
    const onMessage = (message: { question?: { what: string } }): void => {
      if (message.question?.what === "take") reports += 1;
      if (reports < count) return;
      worker.off("message", onMessage);
      resolve();
    };
    worker.on("message", onMessage);
  });
}

/** Requests to `/work`, as a scrape tells it. */
export const worked = (scrape: Exposition): number =>
  scrape
    .named("gateway_requests_total")
    .filter(({ labels }) => labels["endpoint"] === "/work")
    .reduce((total, { value }) => total + value, 0);
