import assert from "node:assert/strict";
import type { Server } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import { eventually, startDownstream } from "@aivillage/testing";

import { downstreamAttempted } from "../src/index.ts";
import { rawClient, serveProxy } from "./support.ts";

/** What a leak would show in: sockets, servers and timers that are open, and the heap after a collection. */
export interface Resources {
  readonly handles: number;
  readonly heapMiB: number;
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function handles(): number {
  return process.getActiveResourcesInfo().filter((name) => /TCP|Connect|Timeout/.test(name)).length;
}

export function resources(): Resources {
  collectGarbage();
  return { handles: handles(), heapMiB: Math.round(process.memoryUsage().heapUsed / 104_857.6) / 10 };
}

const requests = [
  "GET /hang HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET /sse HTTP/1.1\r\nHost: a\r\n\r\n",
  "POST /hang HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\nhalf",
];

const connectionsOf = (server: Server): Promise<number> =>
  new Promise((resolve) => server.getConnections((_error, connections) => resolve(connections)));

/** Sends requests whose clients leave at all sorts of moments, and tells what was open and used before and after. */
export async function abortMany(count: number): Promise<{ before: Resources; after: Resources; aborted: number }> {
  await using downstream = await startDownstream(({ url }) => {
    if (url === "/sse") return { sse: { events: Array.from({ length: 50 }, String), everyMs: 5 } };
    return url === "/slow" ? { body: "x".repeat(500), slowBody: { chunks: 100, everyMs: 5 } } : { hang: true };
  });
  await using app = await serveProxy({ target: downstream.url, connections: 16, heartbeatMs: 50, totalTimeoutMs: 60_000 });
  let ended = 0;
  const stop = downstreamAttempted.subscribe(() => (ended += 1));

  const isOver = async (): Promise<boolean> => app.proxy.state()[0]?.replicas[0]?.requests === 0 && (await connectionsOf(app.server)) === 0;
  const abort = async (total: number): Promise<void> => {
    const endedBefore = ended;
    for (let sent = 0; sent < total; sent += 32) {
      const batch = Array.from({ length: Math.min(32, total - sent) }, async (_none, index) => {
        const { socket } = await rawClient(app.port, requests[index % requests.length] ?? "");
        await delay(index % 8);
        socket.destroy();
      });
      await Promise.all(batch);
      (downstream.received as unknown[]).length = 0;
      (app.sockets as unknown[]).length = 0;
    }
    await eventually(isOver, "all requests are over");
    // A client that leaves before its request was read makes no attempt.
    assert.ok(ended > endedBefore);
  };

  await abort(100);
  await delay(300);
  const before = resources();
  await abort(count);
  await eventually(() => handles() <= before.handles, "what was open is closed").catch(() => undefined);
  const after = resources();
  stop();
  return { before, after, aborted: count };
}
