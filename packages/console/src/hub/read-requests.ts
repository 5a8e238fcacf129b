import type { MetricsSource } from "../options.ts";
import type { CounterRows } from "../series/rolling-group.ts";

interface Sample {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly metricName?: string;
}

interface Family {
  readonly name: string;
  readonly type: string;
  readonly values: readonly Sample[];
}

/** Numbers before the buckets in the row of a route. */
export const routeRow = { done: 0, refused: 1, failed: 2, left: 3, buckets: 4 } as const;

/** The requests that `metrics()` has counted, by method and route. */
export interface RequestRows {
  /** Upper bounds of the durations in milliseconds. */
  readonly boundsMs: readonly number[];
  readonly rows: CounterRows;
}

/** Reads the histogram of requests. Only that metric is collected if the registry can read it alone: others may measure since their last read. */
export async function readRequests(source: MetricsSource, prefix: string): Promise<RequestRows> {
  const name = `${prefix}_request_duration_seconds`;
  const family = source.getSingleMetric === undefined ? await findIn(source, name) : await getAlone(source.getSingleMetric(name));
  return family?.type === "histogram" ? toRows(family) : { boundsMs: [], rows: [] };
}

async function findIn(source: MetricsSource, name: string): Promise<Family | undefined> {
  return ((await source.getMetricsAsJSON()) as readonly Family[]).find((family) => family.name === name);
}

async function getAlone(metric: object | undefined): Promise<Family | undefined> {
  return await (metric as { get(): Promise<Family> } | undefined)?.get();
}

interface Draft {
  readonly row: number[];
  readonly cumulative: Map<number, number>;
}

function toRows({ name, values }: Family): RequestRows {
  const bounds = new Set<number>();
  const drafts = new Map<string, Draft>();
  for (const { value, labels, metricName } of values) {
    const draft = draftOf(drafts, `${labels["method"]} ${labels["endpoint"]}`);
    if (metricName === `${name}_count`) addStatus(draft.row, String(labels["status"]), value);
    const { le } = labels;
    if (le === undefined) continue;
    const bound = le === "+Inf" ? Infinity : Number(le);
    bounds.add(bound);
    draft.cumulative.set(bound, (draft.cumulative.get(bound) ?? 0) + value);
  }
  const sorted = [...bounds].sort((one, other) => one - other);
  const rows = Array.from(drafts, ([key, draft]) => [key, complete(draft, sorted)] as const);
  return { boundsMs: sorted.filter(Number.isFinite).map((bound) => bound * 1_000), rows };
}

function draftOf(drafts: Map<string, Draft>, key: string): Draft {
  const known = drafts.get(key);
  if (known !== undefined) return known;
  const made = { row: [0, 0, 0, 0], cumulative: new Map<number, number>() };
  drafts.set(key, made);
  return made;
}

function addStatus(row: number[], status: string, requests: number): void {
  const index = classOf(status);
  row[index] = (row[index] ?? 0) + requests;
}

/** A client that left has the status 499. */
function classOf(status: string): number {
  if (status === "499") return routeRow.left;
  if (status.startsWith("5")) return routeRow.failed;
  return status.startsWith("4") ? routeRow.refused : routeRow.done;
}

function complete({ row, cumulative }: Draft, bounds: readonly number[]): readonly number[] {
  let before = 0;
  const buckets = bounds.map((bound) => {
    const below = cumulative.get(bound) ?? before;
    const inside = below - before;
    before = below;
    return inside;
  });
  return [...row, ...buckets];
}
