import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";

import got from "got";

import { failureText } from "./failure-text.ts";
import { type Finding, roundMs } from "./report.ts";
import type { Service } from "./services.ts";

/** What a health answer may weigh; the rest is not read. */
const maxBodyBytes = 65_536;

/**
 * A connection of its own for each probe: that the service still takes connections is part of the question, and a kept one
 * that has gone stale would look like a failure.
 */
const probeGot = got.extend({
  agent: { http: new HttpAgent({ keepAlive: false }), https: new HttpsAgent({ keepAlive: false }) },
  decompress: false,
  followRedirect: false,
  headers: { "user-agent": "aivillage-health-cascade" },
  retry: { limit: 0 },
  throwHttpErrors: false,
});

/** Asks once and reads the whole answer: one that breaks off in the middle is none. Never rejects. */
export async function probeReplica(url: string, { timeoutMs, expects }: Service, signal: AbortSignal): Promise<Finding> {
  const startedAt = performance.now();
  try {
    const statusCode = await fetchStatus(url, timeoutMs, signal);
    const answer = { status_code: statusCode, response_time_ms: roundMs(performance.now() - startedAt) };
    return expects(statusCode) ? { status: "healthy", ...answer } : { status: "unhealthy", ...answer, error: "unexpected status" };
  } catch (error) {
    return { status: "unhealthy", error: failureText(error) };
  }
}

async function fetchStatus(url: string, timeoutMs: number, signal: AbortSignal): Promise<number> {
  const stream = probeGot.stream(url, { timeout: { request: timeoutMs }, signal });
  let receivedBytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    receivedBytes += chunk.length;
    // Leaving the loop closes the connection.
    if (receivedBytes > maxBodyBytes) break;
  }
  return stream.response?.statusCode ?? 0;
}
