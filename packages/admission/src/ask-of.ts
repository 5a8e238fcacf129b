import type { IncomingMessage } from "node:http";
import { inspect } from "node:util";

import { clientNetwork } from "@aivillage/middleware";

import { AdaptiveLimit } from "./adaptive/adaptive-limit.ts";
import { isSlots, mostSlots, type ReadLimit } from "./limit.ts";
import type { ReadAdmissionOptions } from "./options.ts";
import { packageName } from "./package-name.ts";
import type { Ask, Demand } from "./store.ts";

const mostWeight = 1_000_000;
const mostPriority = 9;

/** The slots that a request needs and the limits that they are of; `undefined` if no limit applies. */
export function demandsOf(req: IncomingMessage, limits: readonly ReadLimit[]): { demands: Demand[]; applying: ReadLimit[] } | undefined {
  const demands: Demand[] = [];
  const applying: ReadLimit[] = [];
  for (const limit of limits) {
    if (limit.when !== undefined && !limit.when(req)) continue;
    const key = limit.key === undefined ? "" : limit.key(req);
    if (key === undefined) continue;
    if (typeof key !== "string") throw badResult(`key of limit "${limit.name}"`, "a string or undefined", key);
    demands.push({ limit: limit.name, key, max: maxOf(req, limit) });
    applying.push(limit);
  }
  return demands.length === 0 ? undefined : { demands, applying };
}

export function askOf(req: IncomingMessage, demands: readonly Demand[], options: ReadAdmissionOptions): Ask {
  const { queue, share, weight, cost, priority } = options;
  const name = share?.(req);
  if (name !== undefined && typeof name !== "string") throw badResult("share", "a string or undefined", name);
  return {
    demands,
    share: name ?? clientNetwork(req.socket.remoteAddress),
    weight: weight === undefined ? 1 : positive("weight", weight(req)),
    cost: cost === undefined ? 1 : positive("cost", cost(req)),
    priority: priority === undefined ? 0 : level(priority(req)),
    queue,
  };
}

function maxOf(req: IncomingMessage, { name, max }: ReadLimit): number {
  if (typeof max === "number") return max;
  if (max instanceof AdaptiveLimit) return max.current;
  const found = max(req);
  if (!isSlots(found)) throw badResult(`max of limit "${name}"`, `an integer from 1 to ${mostSlots}`, found);
  return found;
}

function positive(name: string, value: number): number {
  if (typeof value === "number" && value > 0 && value <= (name === "weight" ? mostWeight : Number.MAX_SAFE_INTEGER)) return value;
  throw badResult(name, name === "weight" ? `a number above 0 and up to ${mostWeight}` : "a number above 0", value);
}

function level(value: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= mostPriority) return value;
  throw badResult("priority", `an integer from 0 to ${mostPriority}`, value);
}

function badResult(what: string, expected: string, got: unknown): TypeError {
  return new TypeError(`${packageName}: ${what} must return ${expected}, got ${inspect(got, { depth: 0 })}`);
}
