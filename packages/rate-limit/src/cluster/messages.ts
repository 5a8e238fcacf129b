import type { PenaltyRecord, PenaltySnapshot } from "../penalty-records.ts";
import type { Charge, Decision } from "../store.ts";

const type = "aivillage:rate-limit";

/** What a worker asks of the primary. */
export type Call =
  | { readonly do: "decide"; readonly charges: readonly Charge[] }
  | { readonly do: "refund"; readonly charges: readonly Charge[]; readonly atMs: number }
  | { readonly do: "reset"; readonly policy: string; readonly key: string }
  | { readonly do: "read penalties"; readonly known: string }
  | { readonly do: "write penalty"; readonly record: PenaltyRecord }
  | { readonly do: "remove penalty"; readonly key: string }
  | { readonly do: "probe" };

/** What the primary says to a call. */
export type Answer =
  | { readonly decision?: Decision | undefined; readonly penalties?: PenaltySnapshot | undefined }
  | { readonly error: string };

/** All calls of one turn of a worker's event loop, and the answers to them in the same order. */
interface Batch<T> {
  readonly type: typeof type;
  readonly id: number;
  readonly items: readonly T[];
}

export function toBatch<T>(id: number, items: readonly T[]): Batch<T> {
  return { type, id, items };
}

/** The batch in a message; other messages belong to somebody else. */
export function readBatch<T>(message: unknown): Batch<T> | undefined {
  const isOurs = typeof message === "object" && message !== null && (message as { type?: unknown }).type === type;
  return isOurs ? (message as Batch<T>) : undefined;
}
