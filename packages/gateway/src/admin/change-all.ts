import { HttpProblem } from "@aivillage/middleware";

import type { Fleet, Reply } from "./fleet.ts";
import type { ProcessCall, ServingProcess } from "./serving-process.ts";

/**
 * Changes something in every process.
 *
 * @throws HttpProblem 503 if a process has not confirmed it: it may be in force in part
 */
export async function changeAll<Call extends ProcessCall>(
  fleet: Fleet,
  call: Call,
  ...args: Parameters<ServingProcess[Call]>
): Promise<readonly Reply<Call>[]> {
  const { replies, missing } = await fleet.all(call, ...args);
  if (missing === 0 && replies.length > 0) return replies;
  const detail = `${replies.length} of ${replies.length + missing} processes have confirmed the change. Try again.`;
  throw new HttpProblem({ status: 503, type: "service-unavailable", detail });
}
