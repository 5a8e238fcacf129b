import type { Exemplar } from "../family.ts";

/** A series that the reader does not know yet: its number, its metric, and where it differs the name of its samples. */
type ReportedSeries = readonly [id: number, family: string, metricName: string | null, labels: Readonly<Record<string, string | number>>];

/** A value as it is now. JSON has no `NaN` and no infinity, so these travel as text. */
type ReportedValue = readonly [id: number, value: number | string, exemplar?: Exemplar];

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
