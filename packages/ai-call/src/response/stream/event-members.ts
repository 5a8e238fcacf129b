import type { AiDialect } from "../../dialects/dialect.ts";
import { memoized } from "../../memoized.ts";
import { memberNames } from "./find-members.ts";

/** What a member says of its event: generated text, a reason of its end, the usage, or an error. */
export type EventMember = "delta" | "report" | "usage" | "error";

/** The members that matter in the events of a dialect. */
export const eventMembersOf = memoized(({ deltas }: AiDialect["response"]) => {
  const kinds = new Map<string, EventMember>([
    ...deltas.map((name) => [name, "delta"] as const),
    ["finish_reason", "report"],
    ["stop_reason", "report"],
    ["incomplete_details", "report"],
    ["usage", "usage"],
    ["error", "error"],
  ]);
  return memberNames(kinds);
});
