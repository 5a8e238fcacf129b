import type { IncomingMessage } from "node:http";
import { inspect } from "node:util";

import { isUnits, mostUnits, type ReadPolicy } from "./policy.ts";
import type { Charge } from "./store.ts";

/** What the policies that apply ask for this request. */
export function toCharges(req: IncomingMessage, policies: readonly ReadPolicy[], clientKey: (req: IncomingMessage) => string): Charge[] {
  const charges: Charge[] = [];
  for (const policy of policies) {
    if (policy.when !== undefined && !policy.when(req)) continue;
    const key = policy.key === undefined ? clientKey(req) : policy.key(req);
    if (key === undefined) continue;
    if (typeof key !== "string") throw badResult(policy.name, "key", "a string or undefined", typeof key);
    charges.push({
      policy: policy.name,
      key,
      limit: units(req, policy.name, "limit", policy.limit),
      windowMs: policy.windowMs,
      cost: units(req, policy.name, "cost", policy.cost),
    });
  }
  return charges;
}

function units(req: IncomingMessage, policy: string, member: string, value: number | ((req: IncomingMessage) => number)): number {
  if (typeof value === "number") return value;
  const found = value(req);
  if (!isUnits(found, 0)) throw badResult(policy, member, `an integer from 0 to ${mostUnits}`, found);
  return found;
}

function badResult(policy: string, member: string, expected: string, got: unknown): TypeError {
  return new TypeError(
    `@aivillage/rate-limit: \`${member}\` of policy "${policy}" must return ${expected}, got ${inspect(got, { depth: 0 })}`,
  );
}
