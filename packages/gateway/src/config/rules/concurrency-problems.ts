import type { GatewayConfig } from "../settings/gateway-config.ts";
import { concurrencyProblems } from "../settings/route-concurrency.ts";
import { upstreams } from "./upstream-hosts.ts";

/** What is wrong with the limits of backends that routes share. One that no route leads to would limit nothing. */
export function upstreamConcurrencyProblems(config: GatewayConfig): string[] {
  const origins = new Set(upstreams(config).map(({ url }) => url.origin));
  const sockets = new Set(config.routes.flatMap(({ upstream = [] }) => upstream));
  return config.concurrency.upstreams.flatMap(({ url, ...limit }, index) => {
    const place = `\`concurrency.upstreams\`[${index}] ${url}`;
    const isKnown = origins.has(URL.parse(url)?.origin ?? "") || sockets.has(url);
    const problems = isKnown ? concurrencyProblems(limit) : ["is the upstream of no route: correct the URL, or remove it"];
    return problems.map((problem) => `${place} ${problem}`);
  });
}
