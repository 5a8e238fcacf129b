import { inspect } from "node:util";

import { isUnits, mostUnits, type ReadPolicy } from "./policy.ts";
import type { Charge } from "./store.ts";

/** What the policies that apply ask for a subject; `cost` stands in for theirs. */
export function toCharges<Subject>(
  subject: Subject,
  policies: readonly ReadPolicy<Subject>[],
  defaultKey: (subject: Subject) => string,
  cost?: number,
): Charge[] {
  const charges: Charge[] = [];
  for (const policy of policies) {
    if (policy.when !== undefined && !policy.when(subject)) continue;
    const key = policy.key === undefined ? defaultKey(subject) : policy.key(subject);
    if (key === undefined) continue;
    if (typeof key !== "string") throw badResult(policy.name, "key", "a string or undefined", typeof key);
    charges.push({
      policy: policy.name,
      key,
      limit: typeof policy.limit === "number" ? policy.limit : units(subject, policy.name, "limit", policy.limit),
      windowMs: policy.windowMs,
      cost: cost ?? (typeof policy.cost === "number" ? policy.cost : units(subject, policy.name, "cost", policy.cost)),
    });
  }
  return charges;
}

function units<Subject>(subject: Subject, policy: string, member: string, value: (subject: Subject) => number): number {
  const found = value(subject);
  if (!isUnits(found, 0)) throw badResult(policy, member, `an integer from 0 to ${mostUnits}`, found);
  return found;
}

function badResult(policy: string, member: string, expected: string, got: unknown): TypeError {
  return new TypeError(
    `@aivillage/rate-limit: \`${member}\` of policy "${policy}" must return ${expected}, got ${inspect(got, { depth: 0 })}`,
  );
}
