import { adaptive, type AdaptiveLimit, type AdmissionStore, MemoryStore, RedisStore } from "@aivillage/admission";

import { slotsPrefix } from "../config/options/redis-client.ts";
import type { GatewayConfig } from "../config/settings/gateway-config.ts";
import type { Concurrency } from "../config/settings/route-concurrency.ts";
import type { GatewayLogger } from "../dependencies.ts";
import { speedSignal } from "./ai-load.ts";
import { givenStore, localStore, type OpenedStore, redisStore } from "./opened-store.ts";

/** Slots of backends and keys, and what adaptive limits have learnt. They outlive a reload. */
export interface Slots {
  /** Made when the first route needs it. */
  readonly store: () => AdmissionStore;
  /** The size of a limit: a number, or the same adaptive limit as before if its bounds are the same. */
  readonly sizeOf: (name: string, concurrency: Concurrency) => number | AdaptiveLimit;
  /** Notes limits of the configuration that is being put in force. */
  readonly use: (limits: readonly string[]) => void;
  /** Forgets limits that have not been noted since the last call, and what was learnt for them. */
  readonly forgetUnused: () => void;
  /** In progress, waiting, and slots, by limit: of those in force, and of those that requests from before a reload still hold. */
  readonly counts: () => readonly SlotCount[];
  close(): void;
}

/** How many requests hold a slot of a limit, wait for one, and how many slots there are; without `size` that depends on the request. */
export interface SlotCount {
  readonly limit: string;
  readonly inFlight: number;
  readonly waiting: number;
  readonly size: number | undefined;
}

interface Size {
  readonly bounds: string;
  readonly size: number | AdaptiveLimit;
}

export function makeSlots(config: GatewayConfig, logger: GatewayLogger, given: AdmissionStore | undefined): Slots {
  let made = given === undefined ? undefined : givenStore(given);
  const sizes = new Map<string, Size>();
  let inForce = new Set<string>();
  let noted = new Set<string>();

  function counts(): readonly SlotCount[] {
    const used = new Map((made?.store.counts() ?? []).map((count) => [count.limit, count]));
    const names = new Set([...inForce, ...used.keys()]);
    return Array.from(names, (limit) => {
      const { inFlight = 0, waiting = 0 } = used.get(limit) ?? {};
      const size = sizes.get(limit)?.size;
      return { limit, inFlight, waiting, size: typeof size === "object" ? size.current : size };
    });
  }

  return {
    store: () => (made ??= openStore(config, logger)).store,
    sizeOf(name, { max, adaptive: range }) {
      const bounds = JSON.stringify(range ?? max);
      const known = sizes.get(name);
      if (known?.bounds === bounds) return known.size;
      const size = range === undefined ? (max ?? 1) : adaptive({ ...range, signal: speedSignal });
      sizes.set(name, { bounds, size });
      return size;
    },
    use(limits) {
      for (const limit of limits) noted.add(limit);
    },
    forgetUnused() {
      [inForce, noted] = [noted, new Set()];
      for (const name of sizes.keys()) if (!inForce.has(name)) sizes.delete(name);
    },
    counts,
    close: () => made?.close(),
  };
}

function openStore({ rateLimit, server }: GatewayConfig, logger: GatewayLogger): OpenedStore<AdmissionStore> {
  if (rateLimit.redisUrl === "") return localStore(new MemoryStore());
  return redisStore({
    url: rateLimit.redisUrl,
    make: (client) => new RedisStore({ client, prefix: slotsPrefix, instances: server.workers }),
    onError: (reason) => logger.debug({ reason }, "redis connection for slots failed"),
  });
}
