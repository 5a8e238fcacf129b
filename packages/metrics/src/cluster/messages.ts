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

/** The type of all messages between a primary and its workers. */
export const messageType = "aivillage:metrics";

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
