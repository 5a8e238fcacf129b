import type { GatewayConfig } from "./gateway-config.ts";
import { setting } from "./setting.ts";

/** Where the gateway listens, whom it trusts, and how much it holds at once. */
export const serverSettings = {
  host: setting("GATEWAY_HOST", "host", "0.0.0.0", "Address to listen on"),
  port: setting("GATEWAY_PORT", "port-number", 8000, "TCP port, 0 for a free one"),
  trustedProxies: setting("TRUSTED_PROXIES", "list", [], "Proxies whose `X-Forwarded-For` is believed: an address list"),
  trustRequestIds: setting<GatewayConfig["server"]["trustRequestIds"]>(
    "TRUST_REQUEST_IDS",
    "trusted-callers",
    "everyone",
    "Whose `X-Request-Id` and `traceparent` are kept: `everyone`, `proxies` (those in `TRUSTED_PROXIES`) or `nobody`",
  ),
  workers: setting("WORKERS", "worker-count", 1, "Number of serving processes on this machine"),
  maxConnections: setting(
    "MAX_CONNECTIONS",
    "count",
    10_000,
    "Connections that one process holds at once; when there are more, the longest idle one is closed",
  ),
  maxConnectionsPerAddress: setting(
    "MAX_CONNECTIONS_PER_ADDRESS",
    "count-or-none",
    0,
    "Connections that one process holds of one client address or IPv6 /56 network, trusted proxies excepted; 0: half of `MAX_CONNECTIONS`",
  ),
  maxConcurrentPerClient: setting(
    "MAX_CONCURRENT_PER_CLIENT",
    "count-or-none",
    1_024,
    "Requests and streams that one key, or one address without a key, may have in progress on one route; 0 for no limit",
  ),
  drainDelaySeconds: setting(
    "DRAIN_DELAY",
    "seconds-or-none",
    0,
    "Seconds between the 503 of `/readyz` and the end of taking connections, so that load balancers notice",
  ),
  drainSeconds: setting("DRAIN_TIMEOUT", "seconds", 30, "Seconds that requests under way may go on while the gateway stops"),
};
