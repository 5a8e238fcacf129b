import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";

import got from "got";

import { failureText } from "./failure-text.ts";
import { roundMs, type ServiceReport } from "./report.ts";
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

/** Probes all replicas at once and settles with the first healthy answer, or, when there is none, as the first replica did. */
export function probeService(service: Service, signal: AbortSignal): Promise<ServiceReport> {
  return new Promise((resolve) => {
    const probes = service.urls.map(async (url) => {
      const report = await probeReplica(url, service, signal);
      if (report.status === "healthy") resolve(report);
      return report;
    });
    void Promise.all(probes).then(([first = unanswered]) => resolve(first));
  });
}

/** Stands for a service of which nothing is known. */
export const unanswered: ServiceReport = { status: "unhealthy", error: "no answer yet" };

/** Asks once and reads the whole answer: one that breaks off in the middle is none. Never rejects. */
async function probeReplica(url: string, { timeoutMs, expects }: Service, signal: AbortSignal): Promise<ServiceReport> {
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
