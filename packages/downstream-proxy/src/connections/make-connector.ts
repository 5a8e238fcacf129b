import { buildConnector, Client } from "undici";

import { packageName } from "../options/package-name.ts";
import type { Settings } from "../options/read-options.ts";
import type { ReplicaUrl } from "../options/read-replicas.ts";
import type { CheckedTarget } from "../options/read-targets.ts";
import { attemptTimeoutMs } from "./attempt-timeout.ts";
import { connectThroughProxy } from "./connect-through-proxy.ts";
import type { Connector } from "./connector.ts";

export function makeConnector(
  { connectTimeoutMs, connections }: Settings,
  { tls, http2, outboundProxy }: CheckedTarget,
  { socketPath }: ReplicaUrl,
): Connector {
  assertUndici();
  const connect = buildConnector({
    ...tls,
    ...(socketPath !== undefined && { socketPath }),
    timeout: connectTimeoutMs,
    autoSelectFamilyAttemptTimeout: attemptTimeoutMs(connectTimeoutMs),
    allowH2: http2,
    ...(http2 && { preferH2: true, useH2c: true }),
    maxCachedSessions: Math.min(connections, 100),
    // It returns the socket, but its types do not say so.
  }) as unknown as Connector;
  return outboundProxy === undefined ? connect : connectThroughProxy(outboundProxy, connect, connectTimeoutMs);
}

/** Bun has its own module under this name, without the dispatchers. */
function assertUndici(): void {
  if (typeof Client.prototype.dispatch === "function") return;
  throw new Error(`${packageName}: this runtime replaces undici by a module without Client.dispatch(); run it with Node`);
}
