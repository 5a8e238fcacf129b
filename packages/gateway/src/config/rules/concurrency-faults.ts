import type { GatewayConfig } from "../settings/gateway-config.ts";
import { concurrencyFaults } from "../settings/route-concurrency.ts";
import { upstreams } from "./upstream-hosts.ts";

/** What is wrong with the limits of backends that routes share. One that no route leads to would limit nothing. */
export function upstreamConcurrencyFaults(config: GatewayConfig): string[] {
  const origins = new Set(upstreams(config).map(({ url }) => url.origin));
  const sockets = new Set(config.routes.flatMap(({ upstream = [] }) => upstream));
  return config.concurrency.upstreams.flatMap(({ url, ...limit }, index) => {
    const place = `\`concurrency.upstreams\`[${index}] ${url}`;
    const isKnown = origins.has(URL.parse(url)?.origin ?? "") || sockets.has(url);
    const faults = isKnown ? concurrencyFaults(limit) : ["is the upstream of no route: correct the URL, or remove it"];
    return faults.map((fault) => `${place} ${fault}`);
  });
}
