import { Agent, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";

import { hangAfterMs } from "@aivillage/testing";

import { apiKey } from "./gateway-process.ts";

/** What became of every request of a load. */
export interface LoadReport {
  readonly answered: number;
  /** The reason of each one that was not answered with 200. */
  readonly failures: readonly string[];
  readonly p99Ms: number;
}

/** A load that runs until it is stopped. */
export interface SteadyLoad {
  /** Requests that wait for their answer now. */
  readonly underWay: number;
  /** Requests that have been sent so far. */
  readonly sent: number;
  stop(): Promise<LoadReport>;
}

/** What to send: `target` is asked before each request, `path` is a GET; default: a POST that a service answers. */
export interface LoadOptions {
  readonly target: () => string;
  readonly path?: string;
  readonly connections?: number;
  readonly perSecond?: number;
}

const body = '{"message":"Is there news of the footbridge?"}';

/** Sends so many requests per second over kept connections. It never tries again, so each answer that is lost counts. */
export function startLoad({ target, path, connections = 50, perSecond = 500 }: LoadOptions): SteadyLoad {
  const tookMs: number[] = [];
  const failures: string[] = [];
  const pauseMs = (connections / perSecond) * 1_000;
  let underWay = 0;
  let sent = 0;
  const end = new AbortController();

  async function client(place: number): Promise<void> {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await delay((place / connections) * pauseMs);
    while (!end.signal.aborted) {
      const startedAt = performance.now();
      underWay += 1;
      sent += 1;
      const failure = await ask(target(), path, agent);
      underWay -= 1;
      if (failure === undefined) tookMs.push(performance.now() - startedAt);
      else failures.push(failure);
      await delay(Math.max(1, pauseMs - (performance.now() - startedAt)));
    }
    agent.destroy();
  }

  const clients = Array.from({ length: connections }, (_, place) => client(place));
  return {
    get underWay() {
      return underWay;
    },
    get sent() {
      return sent;
    },
    async stop() {
      end.abort();
      await Promise.all(clients);
      const sorted = tookMs.toSorted((a, b) => a - b);
      return { answered: tookMs.length, failures, p99Ms: sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN };
    },
  };
}

/** Resolves with why it failed, or with nothing. */
function ask(origin: string, path: string | undefined, agent: Agent): Promise<string | undefined> {
  const { port } = new URL(origin);
  const post = { method: "POST", path: "/v1/chat", headers: { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" } };
  return new Promise((resolve) => {
    const sent = request({ host: "127.0.0.1", port, agent, timeout: hangAfterMs, ...(path === undefined ? post : { path }) });
    sent.on("timeout", () => sent.destroy(new Error(`no answer within ${hangAfterMs} ms`)));
    sent.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    sent.on("response", (res) => {
      res.on("error", (error) => resolve(`answer broke off: ${error.message}`));
      res.on("end", () => resolve(res.statusCode === 200 ? undefined : `status ${res.statusCode}`)).resume();
    });
    sent.end(path === undefined ? body : undefined);
  });
}
