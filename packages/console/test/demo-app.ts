import { downstreamProxy } from "@aivillage/downstream-proxy";
import { metrics, Registry } from "@aivillage/metrics";
import { toListener } from "@aivillage/middleware";
import { problemDetails } from "@aivillage/problem-details";
import { rateLimit } from "@aivillage/rate-limit";
import { listen, startDownstream } from "@aivillage/testing";
import express from "express";

import { liveConsole, type LiveConsoleOptions } from "../src/index.ts";

/**
 * An Express app as in the README: metrics, a limit of `limit` requests a minute for each `X-Client`, a proxy and problem documents. Each
 * client may name its request with `X-Id`.
 */
export async function startDemo({ limit = 1_000, ...options }: LiveConsoleOptions & { limit?: number } = {}) {
  await using stack = new AsyncDisposableStack();
  const backend = stack.use(await startDownstream());
  const registry = new Registry();
  const client = (req: { headers: NodeJS.Dict<string | string[]> }): string => String(req.headers["x-client"] ?? "anyone");
  const limiter = rateLimit({
    policies: [{ name: "clients", limit, windowMs: 60_000, key: client }],
    penalty: { key: client, durationMs: 600_000, tolerance: 1 },
  });
  stack.defer(() => limiter.close());
  const proxy = downstreamProxy({ targets: [{ name: "backend", url: backend.url }] });
  stack.defer(() => proxy.close());
  const requestId = (req: { headers: NodeJS.Dict<string | string[]> }): string | undefined => req.headers["x-id"]?.toString();
  const live = liveConsole({ registry, limiter, upstreams: () => proxy.state(), requestId, ...options });
  stack.defer(() => live.close());
  const app = express();
  app.use("/console", live);
  app.use(
    metrics({ registry, endpoint: (req) => `/${req.url?.split("/")[1] ?? ""}/*`, defaultMetrics: false }),
    limiter,
    proxy,
    problemDetails(),
  );
  const server = stack.use(await listen(toListener((req, res) => app(req, res))));
  const resources = stack.move();
  return {
    url: server.url,
    /** The address of the console with its key. */
    consoleUrl: `${server.url}/console/#key=${live.key}`,
    live,
    limiter,
    backend,
    /** Sends a request and resolves with its status. */
    send: async (path: string, headers: Record<string, string> = {}): Promise<number> => {
      const response = await fetch(server.url + path, { headers });
      await response.body?.cancel();
      return response.status;
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
