/**
 * The cost of the proxy: `downstreamProxy()` against a bare pass-through of `node:http` and undici's `dispatch` with nothing else, which
 * is the least that a proxy in Node can do. Each runs in a process of its own; both are measured in turn, in one run.
 * Run: `node --conditions=@aivillage/source bench/downstream-proxy.bench.ts`. Fails when ours gets less than 60 % of the bare one.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";

import { type Dispatcher, Pool } from "undici";

import { downstreamProxy } from "../src/index.ts";

const rounds = 5;
const roundMs = 2_000;
const clients = 64;
const content = Buffer.from(JSON.stringify({ answer: "x".repeat(100) }));
const question = JSON.stringify({ query: "x".repeat(180) });

const listeners: Readonly<Record<string, (target: string) => RequestListener>> = {
  upstream: () => (req, res) => {
    req.resume().on("end", () => {
      res.writeHead(200, { "Content-Type": "application/json", "Content-Length": content.length }).end(content);
    });
  },
  bare: passThrough,
  ours: (target) => {
    const proxy = downstreamProxy({ target });
    return (req, res) => proxy(req, res, () => res.destroy());
  },
};

/** No rules for fields, no cancellation, no limits: what is left is the work of node:http and undici. */
function passThrough(target: string): RequestListener {
  const pool = new Pool(target, { connections: 128 });
  return (req, res) => {
    const { host: _host, connection: _connection, ...headers } = req.headers;
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: () => undefined,
      onResponseStart(_controller, status, { connection: _ours, "keep-alive": _keepAlive, ...fields }) {
        res.writeHead(status, fields);
      },
      onResponseData: (_controller, chunk) => void res.write(chunk),
      onResponseEnd: () => void res.end(),
      onResponseError: () => void res.destroy(),
    };
    const body = req.headers["content-length"] === undefined ? null : req;
    pool.dispatch({ path: req.url ?? "/", method: req.method ?? "GET", headers, body }, handler);
  };
}

interface Contestant {
  readonly process: ChildProcess;
  readonly url: string;
}

async function start(role: string, target = ""): Promise<Contestant> {
  const child = fork(fileURLToPath(import.meta.url), [role, target]);
  const [port] = (await once(child, "message")) as [number];
  return { process: child, url: `http://127.0.0.1:${port}` };
}

async function cpuMicroseconds({ process: child }: Contestant): Promise<number> {
  child.send("cpu");
  const [used] = (await once(child, "message")) as [number];
  return used;
}

/** Requests per second, and what each costs the contestant. */
async function measure(contestant: Contestant, method: "GET" | "POST", forMs: number): Promise<{ perSecond: number; cpuUs: number }> {
  const pool = new Pool(contestant.url, { connections: clients });
  const [headers, body] = method === "POST" ? [{ "content-type": "application/json" }, question] : [{}, null];
  const cpuBefore = await cpuMicroseconds(contestant);
  const startedAt = performance.now();
  let responded = 0;
  const one = async (): Promise<void> => {
    while (performance.now() - startedAt < forMs) {
      const { statusCode, body: response } = await pool.request({ path: "/v1/query", method, headers, body });
      await response.dump();
      if (statusCode !== 200) throw new Error(`status ${statusCode}`);
      responded += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, one));
  const seconds = (performance.now() - startedAt) / 1_000;
  const cpuUs = ((await cpuMicroseconds(contestant)) - cpuBefore) / responded;
  await pool.close();
  return { perSecond: responded / seconds, cpuUs };
}

async function compare(): Promise<void> {
  const upstream = await start("upstream");
  const contestants = { bare: await start("bare", upstream.url), ours: await start("ours", upstream.url) };
  for (const method of ["GET", "POST"] as const) {
    const best = { bare: Infinity, ours: Infinity };
    for (let round = 0; round <= rounds; round += 1) {
      for (const name of ["bare", "ours"] as const) {
        const { perSecond, cpuUs } = await measure(contestants[name], method, round === 0 ? 500 : roundMs);
        if (round === 0) continue;
        best[name] = Math.min(best[name], cpuUs);
        console.log(
          `${method.padEnd(4)} ${name}  ${perSecond.toFixed(0).padStart(6)} req/s  ${cpuUs.toFixed(1).padStart(5)} us CPU per request`,
        );
      }
    }
    const ratio = best.bare / best.ours;
    console.log(`${method.padEnd(4)} by CPU ours does ${ratio.toFixed(2)} of the bare pass-through`);
    if (ratio < 0.6) process.exitCode = 1;
  }
  for (const { process: child } of [upstream, ...Object.values(contestants)]) child.kill();
}

const [role, target = ""] = process.argv.slice(2);
const makeListener = role === undefined ? undefined : listeners[role];
if (makeListener === undefined) await compare();
else {
  const server = createServer(makeListener(target));
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
  });
}
