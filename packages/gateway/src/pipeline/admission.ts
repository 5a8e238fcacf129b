import type { IncomingMessage } from "node:http";

import { admission, type ConcurrencyLimit } from "@aivillage/admission";
import { getPrincipal } from "@aivillage/api-key-auth";
import type { TargetOptions } from "@aivillage/downstream-proxy";
import type { Handler } from "@aivillage/middleware";
import { refundRateLimit } from "@aivillage/rate-limit";

import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { Concurrency } from "../config/settings/route-concurrency.ts";
import type { TierConfig } from "../config/settings/tier-config.ts";
import { turnCost } from "../state/ai-load.ts";
import { limitKeys } from "../state/client-key.ts";
import type { Slots } from "../state/slots.ts";

/** Makes what stands before a service: nothing, unless the configuration limits the requests in progress. */
export type MakeAdmission = (target: TargetOptions | undefined, concurrency: Concurrency | undefined) => readonly Handler[];

/**
 * Limits how many requests are in progress: of a key on all routes, at a backend that routes share, and at the service of a route. No key
 * gets more than half of a backend, unless `perKey` says otherwise. A request that is refused here is not charged by the rate limits.
 */
export function admissionPart({ concurrency, rateLimit }: GatewayConfig, slots: Slots): MakeAdmission {
  const { perKey, queueSize, queueSeconds, upstreams } = concurrency;
  const tiers = new Map(rateLimit.tiers.map((tier) => [tier.name, tier]));
  const tierOf = (req: IncomingMessage): TierConfig | undefined => tiers.get(getPrincipal(req)?.tier ?? "anonymous");
  const ofKey = (req: IncomingMessage): number => tierOf(req)?.concurrency ?? perKey;
  const hasKeyLimit = perKey > 0 || rateLimit.tiers.some((tier) => tier.concurrency !== undefined);
  const keyLimit: ConcurrencyLimit = { name: "key", max: ofKey, key: limitKeys.principal, when: (req) => ofKey(req) > 0 };

  return (target, own) => {
    const name = target?.name ?? "service";
    const origins = originsOf(target);
    const shared = upstreams.filter(({ url }) => origins.has(originOf(url)));
    const backends = [
      ...shared.map((upstream) => backendLimits(`upstream.${labelOf(upstream.url)}`, upstream, slots)),
      ...(own === undefined ? [] : [backendLimits(name, own, slots)]),
    ];
    const limits = [...(hasKeyLimit ? [keyLimit] : []), ...backends.map(([ofHolder]) => ofHolder), ...backends.map(([, ofAll]) => ofAll)];
    if (limits.length === 0) return [];
    slots.use(limits.map(({ name: limit }) => limit));
    return [
      admission({
        limits,
        queue: { name, max: queueSize, maxWaitMs: queueSeconds * 1_000 },
        share: limitKeys.principal,
        cost: turnCost,
        weight: (req) => tierOf(req)?.weight ?? 1,
        priority: (req) => tierOf(req)?.priority ?? 0,
        store: slots.store(),
        positionHeader: true,
        onUnserved: giveBack,
      }),
    ];
  };
}

function originsOf(target: TargetOptions | undefined): ReadonlySet<string> {
  const urls = [target?.url ?? []].flat().map((replica) => (typeof replica === "string" ? replica : replica.url));
  return new Set(urls.map(originOf));
}

/** A URL may lead to a path; the connections are those of the origin. */
function originOf(url: string): string {
  const origin = URL.parse(url)?.origin;
  return origin === undefined || origin === "null" ? url : origin;
}

/** A backend's own limit, and what one key may take of it. */
function backendLimits(name: string, concurrency: Concurrency, slots: Slots): readonly [ConcurrencyLimit, ConcurrencyLimit] {
  const size = slots.sizeOf(name, concurrency);
  const half = (): number => Math.ceil((typeof size === "number" ? size : size.current) / 2);
  return [
    { name: `${name}.key`, max: concurrency.perKey ?? half, key: limitKeys.principal },
    { name, max: size },
  ];
}

/** A client that leaves while it waits has had its try. */
function giveBack(req: IncomingMessage, reason: "refused" | "left"): void {
  if (reason === "refused") refundRateLimit(req).catch(() => undefined);
}

function labelOf(url: string): string {
  return (URL.parse(url)?.host || url).replaceAll(/[^\w.-]+/g, "-").slice(0, 48);
}
