import { HttpProblem } from "@aivillage/middleware";
import type { Penalty } from "@aivillage/rate-limit";

import { describePenalty, sortedPenalties } from "../state/describe-penalties.ts";
import { penaltyTarget, penaltyTargetExpected } from "../state/penalty-target.ts";
import { changeAll } from "./change-all.ts";
import type { ServingFleet } from "./serving-process.ts";

/** The penalties of all processes, as `/penalties` shows them. */
export async function listPenalties(fleet: ServingFleet): Promise<Record<string, unknown>[]> {
  return (await listed(fleet)).map(describePenalty);
}

/** The penalties of all processes in order: they learn of each other's within about a second. */
export async function listed(fleet: ServingFleet): Promise<readonly Penalty[]> {
  const { replies } = await fleet.all("penalties");
  const longest = new Map<string, Penalty>();
  for (const penalty of replies.flat()) {
    const known = longest.get(penalty.key);
    if (known === undefined || known.remainingMs < penalty.remainingMs) longest.set(penalty.key, penalty);
  }
  return sortedPenalties([...longest.values()]);
}

/**
 * Ends the penalties of an address, a principal, or both.
 *
 * @returns the clients whose penalties ended
 * @throws HttpProblem 404 for what names no client, and 503 as `changeAll()` does
 */
export async function clearPenalties(fleet: ServingFleet, client: string): Promise<string[]> {
  if (penaltyTarget(client) === undefined) {
    const detail = `${JSON.stringify(client)} is not a client. Send ${penaltyTargetExpected}.`;
    throw new HttpProblem({ status: 404, type: "not-found", detail });
  }
  const cleared = await changeAll(fleet, "clearPenalties", client);
  return [...new Set(cleared.flat())];
}
