import type { IncomingMessage } from "node:http";

import { type Event, event, type HttpProblem } from "@aivillage/middleware";

/*
 * The events of other packages, with the members that are read here. A channel of `node:diagnostics_channel` has its name alone, so this
 * package depends on none of those that publish.
 */

interface OfRequest {
  readonly req: IncomingMessage;
}

export interface LimitDecided extends OfRequest {
  readonly policy: string;
  readonly decision: "allowed" | "refused";
  readonly limit: number;
  readonly remaining: number;
  readonly penalised: boolean;
  readonly dryRun: boolean;
}

export interface PenaltyChange {
  readonly key: string;
  readonly client: string;
  readonly to: "none" | "suspicious";
  readonly reason: string;
  readonly durationMs: number;
}

export interface Attempted extends OfRequest {
  readonly target: string;
  readonly origin: string | undefined;
  readonly outcome: string;
  readonly firstByteMs: number | undefined;
}

export interface BudgetDecision extends OfRequest {
  readonly allowed: boolean;
  readonly budgets: readonly {
    readonly budget: string;
    readonly unit: string;
    readonly limit: number;
    readonly spent: number;
    readonly held: number;
    readonly resetsAt: Date;
  }[];
  readonly violated: readonly string[];
}

export interface CallEnded extends OfRequest {
  readonly call: { readonly model?: string | undefined };
  readonly usage: { readonly input: number; readonly output: number; readonly firstTokenMs?: number | undefined };
  readonly outcome: "completed" | "failed" | "client-left";
  readonly status: number;
}

export interface Sent extends OfRequest {
  readonly problem: Pick<HttpProblem, "status" | "type" | "title" | "extensions">;
}

interface Input extends OfRequest {
  readonly findings: readonly { readonly class: string; readonly rule: string; readonly outcome?: string }[];
}

interface Store {
  readonly store: string;
  readonly available: boolean;
  readonly reason: string | undefined;
}

function published<T>(byPackage: string, what: string): Event<T> {
  return event<T>(`aivillage:${byPackage}:${what}`);
}

export const channels = {
  limitDecided: published<LimitDecided>("rate-limit", "decided"),
  penaltyChanged: published<PenaltyChange>("rate-limit", "penalty-changed"),
  limitStoreChanged: published<Store>("rate-limit", "store-availability-changed"),
  attempted: published<Attempted>("downstream-proxy", "attempted"),
  breakerChanged: published<OfRequest & { readonly target: string; readonly from: string; readonly to: string }>(
    "downstream-proxy",
    "breaker-changed",
  ),
  replicaChanged: published<OfRequest & { readonly target: string; readonly origin: string; readonly to: "ejected" | "returned" }>(
    "downstream-proxy",
    "replica-changed",
  ),
  concurrencyExceeded: published<OfRequest & { readonly target: string }>("downstream-proxy", "concurrency-exceeded"),
  serviceChanged: published<{ readonly service: string; readonly to: string; readonly error?: string }>(
    "health-cascade",
    "service-status-changed",
  ),
  admitted: published<OfRequest & { readonly limits: readonly string[]; readonly waitedMs: number }>("admission", "admitted"),
  released: published<OfRequest & { readonly limits: readonly string[] }>("admission", "released"),
  admissionRefused: published<OfRequest & { readonly limit: string; readonly of: string; readonly reason: string }>("admission", "refused"),
  budgetDecided: published<BudgetDecision>("token-budget", "decided"),
  budgetThreshold: published<{ readonly budget: string; readonly percent: number }>("token-budget", "threshold-reached"),
  budgetStoreChanged: published<Store>("token-budget", "store-availability-changed"),
  callEnded: published<CallEnded>("ai-call", "ended"),
  authenticationFailed: published<OfRequest & { readonly reason: string }>("api-key-auth", "authentication-failed"),
  inputRefused: published<Input>("input-sanitizer", "refused"),
  uploadRefused: published<OfRequest & { readonly reason: string }>("file-upload", "refused"),
  problemSent: published<Sent>("problem-details", "sent"),
} as const;
