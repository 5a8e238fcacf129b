import type { CounterRows } from "../series/rolling-group.ts";
import type { Numbered } from "./entry-ring.ts";

/** A request that was refused, or failed with a problem. Text of the client is cut and may hold anything. */
export interface Refusal extends Numbered {
  /** What refused it: `rate limit`, `credentials`, `input`, `upload`, `budget`, `queue` or `concurrency`; of other problems `request` (4xx) or `error` (5xx). */
  by: string;
  /** Why, in the words of what refused it. */
  reason: string;
  /** The limit, budget or upstream that it met. */
  policy: string | undefined;
  status: number | undefined;
  /** The type of the problem that was sent, if it is one of the documented slugs. */
  problem: string | undefined;
  readonly requestId: string | undefined;
  readonly method: string;
  /** The template of the route, or the path without its query. */
  readonly path: string;
  readonly client: string | undefined;
  readonly principal: string | undefined;
  readonly userAgent: string | undefined;
}

/** Something about the app itself that changed. */
export interface Change extends Numbered {
  readonly kind: "upstream" | "limit" | "budget" | "store" | "configuration" | "worker";
  /** `good` for what is well again, `bad` for what is not. */
  readonly mood: "good" | "bad" | "neutral";
  readonly text: string;
}

/** What is left to a caller of a limit. */
export interface PrincipalStanding {
  readonly policy: string;
  readonly limit: number;
  readonly remaining: number;
  readonly at: number;
}

/** How a budget stands for the caller that has used the most of it. */
export interface BudgetView {
  readonly budget: string;
  readonly unit: string;
  readonly limit: number;
  readonly spent: number;
  readonly held: number;
  /** Milliseconds since 1970. */
  readonly resetsAt: number;
  readonly principal: string | undefined;
}

/** A penalty as its event described it. */
export interface PenaltyView {
  /** What clears it. */
  readonly id: string;
  /** The client, shortened if addresses are. */
  readonly client: string;
  readonly reason: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** What is known of a replica, as the `state()` of a `downstreamProxy()` has it. */
export interface ReplicaState {
  readonly origin: string;
  readonly ejected: boolean;
  readonly failing: boolean;
  readonly draining: boolean;
  /** Requests that it is handling. */
  readonly requests: number;
  /** What probes have found, such as `healthy`. */
  readonly health?: string;
}

/** What is known of an upstream, as the `state()` of a `downstreamProxy()` has it. */
export interface UpstreamState {
  readonly target: string;
  /** `closed`, `half-open` or `open`. */
  readonly breaker: string;
  readonly replicas: readonly ReplicaState[];
  /** What probes have found, such as `healthy`. */
  readonly health?: string;
}

/** A limit of concurrency, as the `counts()` of a store of `@aivillage/admission` has it. */
export interface QueueState {
  readonly limit: string;
  readonly inFlight: number;
  readonly waiting: number;
  /** Its slots, if they are known. */
  readonly size?: number | undefined;
}

/** The process itself. */
export interface ProcessView {
  readonly pid: number;
  /** Its number in `node:cluster`; 0 without workers. */
  readonly worker: number;
  readonly uptimeSeconds: number;
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
  /** Delay of the event loop since the last report, in milliseconds. */
  readonly loopDelayMs: { readonly p50: number; readonly p99: number };
}

/** What one process has seen. It can be sent to another process. */
export interface ActivityReport {
  readonly process: ProcessView;
  /** Rows of counters that only grow; `rows.ts` says what each number is. */
  readonly upstreams: CounterRows;
  readonly limits: CounterRows;
  readonly principals: CounterRows;
  readonly queues: CounterRows;
  readonly budgets: CounterRows;
  readonly models: CounterRows;
  readonly breakers: readonly (readonly [target: string, state: string])[];
  readonly ejected: readonly (readonly [target: string, origin: string])[];
  readonly health: readonly (readonly [service: string, status: string])[];
  readonly inFlight: readonly (readonly [limit: string, requests: number])[];
  readonly principalStandings: readonly (readonly [principal: string, standing: PrincipalStanding])[];
  readonly budgetStandings: readonly BudgetView[];
  readonly penalties: readonly PenaltyView[];
  readonly refusals: readonly Refusal[];
  readonly changes: readonly Change[];
  /** What the options `upstreams` and `queues` returned; `undefined` without them, and while nobody looks. */
  readonly upstreamStates: readonly UpstreamState[] | undefined;
  readonly queueStates: readonly QueueState[] | undefined;
  /** The numbers to ask for next. */
  readonly seen: Seen;
}

/** What is asked of all processes: whether anybody looks at their state, and what was read of each, by its name. */
export interface ActivityRequest {
  readonly isLive: boolean;
  readonly seen: Readonly<Record<string, Seen>>;
}

/** Numbers of the last entries that were read of a process. */
export interface Seen {
  readonly refusals: number;
  readonly changes: number;
}

/** Names a process; the system may use the number of one that ended again. */
export function processName({ worker, pid }: Pick<ProcessView, "pid" | "worker">): string {
  return `${worker}:${pid}`;
}
