import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";

import { defined } from "@aivillage/middleware";
import type { Agents, Got } from "got";

import { failureText } from "./failure-text.ts";
import { openTunnel } from "./outbound-proxy.ts";
import { type Finding, roundMs } from "./report.ts";
import type { ProbeTarget } from "./services.ts";

/** Maximum size of a health response that is read. */
const maxBodyBytes = 65_536;

let loading: Promise<Got> | undefined;

/** Loads got and its 60 modules with the first probe: a process that receives the results of another one makes none. */
async function loadGot(): Promise<Got> {
  const { default: got } = await import("got");
  // Each probe makes its own connection: whether the service accepts connections is part of its health, and a stale reused connection
  // would look like a failure.
  return got.extend({
    agent: { http: new HttpAgent({ keepAlive: false }), https: new HttpsAgent({ keepAlive: false }) },
    decompress: false,
    enableUnixSockets: true,
    followRedirect: false,
    headers: { "user-agent": "aivillage-health-cascade" },
    retry: { limit: 0 },
    throwHttpErrors: false,
  });
}

/** Sends one request and reads the whole response, because an incomplete one is a failure. Never rejects. */
export async function probeReplica({ expectedStatus, ...target }: ProbeTarget, signal: AbortSignal): Promise<Finding> {
  try {
    const probe = await (loading ??= loadGot());
    const startedAt = performance.now();
    const statusCode = await fetchStatus(probe, target, signal);
    const response = { status_code: statusCode, response_time_ms: roundMs(performance.now() - startedAt) };
    const isExpected = expectedStatus.some((each) => each === statusCode || each === `${Math.floor(statusCode / 100)}xx`);
    return isExpected ? { status: "healthy", ...response } : { status: "unhealthy", ...response, error: "unexpected status" };
  } catch (error) {
    return { status: "unhealthy", error: failureText(error) };
  }
}

type Request = Pick<ProbeTarget, "url" | "timeoutMs" | "tls" | "outboundProxy">;

async function fetchStatus(probe: Got, { outboundProxy: proxy, ...request }: Request, signal: AbortSignal): Promise<number> {
  if (proxy === undefined) return readStatus(probe, request, { signal });
  const startedAt = performance.now();
  const { url, timeoutMs } = request;
  using tunnel = await openTunnel({ proxy, url, timeoutMs, signal });
  const restMs = Math.max(1, timeoutMs - (performance.now() - startedAt));
  return await readStatus(probe, { ...request, timeoutMs: restMs }, { signal, agent: tunnel.agent });
}

async function readStatus(
  probe: Got,
  { url, timeoutMs, tls = {} }: Omit<Request, "outboundProxy">,
  options: { signal: AbortSignal; agent?: Agents },
): Promise<number> {
  const https = defined({ certificateAuthority: tls.ca, certificate: tls.cert, key: tls.key, serverName: tls.serverName });
  const stream = probe.stream(url, { timeout: { request: timeoutMs }, https, ...options });
  let receivedBytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    receivedBytes += chunk.length;
    // Leaving the loop closes the connection.
    if (receivedBytes > maxBodyBytes) break;
  }
  return stream.response?.statusCode ?? 0;
}
