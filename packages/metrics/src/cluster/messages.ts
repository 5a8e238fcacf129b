import type { Report } from "./report.ts";

const type = "aivillage:metrics";

/** What one side asks the other. */
export type Question =
  /** To a worker: send a report now, a first one if `full`. Answered with a `Report`. */
  | { readonly what: "report"; readonly full: boolean }
  /** To the primary: here is a report. Answered with `Taken`. */
  | { readonly what: "take"; readonly report: Report }
  /** To the primary: what is the sum of all? Answered with a first `Report`. */
  | { readonly what: "sum" };

/** Whether the primary needs a first report, because it does not know what this one builds on. */
export interface Taken {
  readonly needsFirst: boolean;
}

export type Message =
  | { readonly type: typeof type; readonly id: number; readonly question: Question }
  | { readonly type: typeof type; readonly id: number; readonly answer: unknown }
  | { readonly type: typeof type; readonly id: number; readonly error: string };

export const ask = (id: number, question: Question): Message => ({ type, id, question });
export const answer = (id: number, value: unknown): Message => ({ type, id, answer: value });
export const fail = (id: number, error: unknown): Message => ({ type, id, error: error instanceof Error ? error.message : String(error) });

/** Other messages belong to somebody else. */
export function isMessage(message: unknown): message is Message {
  return typeof message === "object" && message !== null && (message as { type?: unknown }).type === type;
}
