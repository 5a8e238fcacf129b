import type { AiCallEnded } from "@aivillage/ai-call";
import { requestValue } from "@aivillage/middleware";
import type { BudgetSettled } from "@aivillage/token-budget";

/** How a call ended, for its record. */
interface CallEnd {
  readonly outcome?: AiCallEnded["outcome"];
  readonly durationMs?: number;
  /** Other than `ended` when a budget has cut it, or it went beyond one. */
  readonly budgetEnd?: BudgetSettled["end"];
}

const ends = requestValue<CallEnd>("@aivillage/gateway.call-end");

export const callEndOf = (req: AiCallEnded["req"]): CallEnd => ends.get(req) ?? {};

export function noteCallEnded({ req, outcome, durationMs }: AiCallEnded): void {
  ends.set(req, { ...ends.get(req), outcome, durationMs });
}

export function noteSettled({ req, end }: BudgetSettled): void {
  ends.set(req, { ...ends.get(req), budgetEnd: end });
}
