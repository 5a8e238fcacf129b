import { downstreamProxy, type DownstreamProxyOptions } from "@aivillage/downstream-proxy";

import { keyHeaders } from "../options/credential-headers.ts";
import type { GatewayConfig } from "../settings/gateway-config.ts";

const credentials = [...keyHeaders, "cookie"];
/** Request headers that the gateway sends itself. */
const own = ["x-request-id", "traceparent", "tracestate"];

/** What is wrong with the lists of headers: names that the gateway alone decides, and those that the proxy refuses. */
export function headerProblems({ forward, forwardTrusted, passResponse }: GatewayConfig["headers"]): string[] {
  return [
    ...forward.map((name) => requestProblem("FORWARD_HEADERS", name) ?? proxyProblem("FORWARD_HEADERS", { forwardHeaders: [name] })),
    ...forwardTrusted.map(
      (name) => requestProblem("FORWARD_TRUSTED_HEADERS", name) ?? proxyProblem("FORWARD_TRUSTED_HEADERS", { forwardHeaders: [name] }),
    ),
    ...passResponse.map((name) => responseProblem(name) ?? proxyProblem("PASS_RESPONSE_HEADERS", { passResponseHeaders: [name] })),
  ].filter((problem) => problem !== undefined);
}

function requestProblem(setting: string, name: string): string | undefined {
  const credential = credentials.find((other) => overlap(name, other));
  if (credential !== undefined) {
    const covered = credential === name.toLowerCase() ? "" : `, which covers ${credential}`;
    return `${setting} lists ${name}${covered}: it may hold a key of the gateway, which no service must get; remove it`;
  }
  return own.includes(name.toLowerCase()) || overlap(name, "x-gateway-*")
    ? `${setting} lists ${name}, which services get from the gateway itself; remove it`
    : undefined;
}

function responseProblem(name: string): string | undefined {
  if (!overlap(name, "access-control-*")) return undefined;
  return `PASS_RESPONSE_HEADERS lists ${name}, but CORS_ORIGINS decides which origins may read responses; remove it`;
}

/** The proxy connects to nothing before its first request. */
function proxyProblem(setting: string, list: DownstreamProxyOptions): string | undefined {
  try {
    downstreamProxy({ target: "http://localhost", ...list });
    return undefined;
  } catch (error) {
    return `${setting}: ${(error as Error).message.replace(/^.*?`\w+\[0\]` /, "each entry ")}`;
  }
}

/** Whether a name or beginning stands for a name that the other one stands for too. */
function overlap(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  if (a.endsWith("*") && b.endsWith("*")) return isBeginning(a, b) || isBeginning(b, a);
  return a === b || (a.endsWith("*") && isBeginning(a, b)) || (b.endsWith("*") && isBeginning(b, a));
}

function isBeginning(pattern: string, name: string): boolean {
  return name.startsWith(pattern.slice(0, -1));
}
