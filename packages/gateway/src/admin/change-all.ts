import type { CallArguments, CallName, CallReply } from "@aivillage/http-server";
import { HttpProblem } from "@aivillage/middleware";

import type { ServingFleet, ServingProcess } from "./serving-process.ts";

/**
 * Changes something in every process.
 *
 * @throws HttpProblem 503 if a process has not confirmed it: it may be in force in part
 */
export async function changeAll<Name extends CallName<ServingProcess>>(
  fleet: ServingFleet,
  call: Name,
  ...args: CallArguments<ServingProcess, Name>
): Promise<readonly CallReply<ServingProcess, Name>[]> {
  const { replies, missing } = await fleet.all(call, ...args);
  if (missing === 0 && replies.length > 0) return replies;
  const detail = `${replies.length} of ${replies.length + missing} processes have confirmed the change. Try again.`;
  throw new HttpProblem({ status: 503, type: "service-unavailable", detail });
}
