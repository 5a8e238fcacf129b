import type { Exemplar } from "../family.ts";

/** A series that the reader does not know yet: its number, its metric, and where it differs the name of its samples. */
type ReportedSeries = readonly [id: number, family: string, metricName: string | null, labels: Readonly<Record<string, string | number>>];

/** A value as it is now. JSON has no `NaN` and no infinity, so these travel as text. */
type ReportedValue = readonly [id: number, value: number | string, exemplar?: Exemplar | null, setAt?: number];

/** What has changed in a worker's metrics since its last report, small because only values that moved are in it. */
export interface Report {
  /** True when the reader has to forget what it knows, because everything is in here. */
  readonly isFirst: boolean;
  readonly families: readonly { readonly name: string; readonly help: string; readonly type: string; readonly aggregator: string }[];
  readonly series: readonly ReportedSeries[];
  readonly values: readonly ReportedValue[];
  /** Series that are no more. */
  readonly gone: readonly number[];
}

const type = "aivillage:metrics";

/** What one side asks the other. */
export type Question =
  /** To a worker: send a report now, a first one if `full`. The reply is a `Report`. */
  | { readonly what: "report"; readonly full: boolean }
  /** To the primary: here is a report. The reply is `Taken`. */
  | { readonly what: "take"; readonly report: Report }
  /** To the primary: what is the sum of all? The reply is a first `Report`. */
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
