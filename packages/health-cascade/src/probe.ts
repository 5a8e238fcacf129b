import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";

import { defined } from "@aivillage/middleware";
import type { Agents, Got } from "got";

import { failureText } from "./failure-text.ts";
import { statusByHttp2 } from "./http2-probe.ts";
import { openTunnel, type Tunnel } from "./outbound-proxy.ts";
import { addressAttemptMs, maxBodyBytes, type ProbeRequest, userAgent } from "./probe-request.ts";
import { type Finding, roundMs } from "./report.ts";
import type { ProbeTarget } from "./services.ts";

/**
 * Each probe makes its own connection: whether the service accepts connections is part of its health, and a stale reused connection would look
 * like a failure.
 */
const connecting = { keepAlive: false, autoSelectFamilyAttemptTimeout: addressAttemptMs };

let loading: Promise<Got> | undefined;

/** Loads got and its 60 modules with the first probe: a process that receives the results of another one makes none. */
async function loadGot(): Promise<Got> {
  const { default: got } = await import("got");
  return got.extend({
    agent: { http: new HttpAgent(connecting), https: new HttpsAgent(connecting) },
    decompress: false,
    enableUnixSockets: true,
    followRedirect: false,
    headers: { "user-agent": userAgent },
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

type Request = ProbeRequest & Pick<ProbeTarget, "outboundProxy" | "http2">;

/** Each request has its own connection, or its own tunnel through the outbound proxy, and all of them one time. */
async function fetchStatus(probe: Got, { outboundProxy: proxy, http2, ...request }: Request, signal: AbortSignal): Promise<number> {
  const startedAt = performance.now();
  const leftMs = (): number => Math.max(1, request.timeoutMs - (performance.now() - startedAt));
  const openPath = async (): Promise<Tunnel | undefined> =>
    proxy === undefined ? undefined : await openTunnel({ proxy, url: request.url, timeoutMs: leftMs(), signal });
  if (http2) {
    using tunnel = await openPath();
    const status = await statusByHttp2({ ...request, timeoutMs: leftMs() }, { signal, tunnel: tunnel?.socket });
    if (status !== undefined) return status;
  }
  using tunnel = await openPath();
  return await readStatus(probe, { ...request, timeoutMs: leftMs() }, { signal, ...defined({ agent: tunnel?.agent }) });
}

async function readStatus(
  probe: Got,
  { url, timeoutMs, tls = {} }: ProbeRequest,
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
