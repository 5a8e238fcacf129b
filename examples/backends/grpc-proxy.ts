import { createServer, type Http2Server } from "node:http2";

import { downstreamProxy } from "@aivillage/downstream-proxy";
import { toListener } from "@aivillage/middleware";

/**
 * A proxy for gRPC: clients speak HTTP/2 with it, and it speaks HTTP/2 with the service. The URL is that of the service, such as
 * `http://127.0.0.1:50051`.
 */
export function grpcProxy(url: string): { server: Http2Server; close: () => Promise<void> } {
  const proxy = downstreamProxy({ targets: [{ name: "greeter", url, http2: true }], maxStreamMs: 3_600_000 });
  // Requests of Node's compatibility API work like those of node:http, but have types of their own.
  const handler = toListener(proxy) as unknown as Parameters<typeof createServer>[1];
  return { server: createServer({}, handler), close: () => proxy.close({ deadlineMs: 10_000 }) };
}
