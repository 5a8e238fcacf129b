import type { IncomingMessage } from "node:http";

import { event } from "@aivillage/middleware";

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
  readonly problem: { readonly status: number; readonly type: string; readonly title: string };
}

interface Input extends OfRequest {
  readonly findings: readonly { readonly class: string; readonly rule: string; readonly outcome?: string }[];
}

interface Store {
  readonly store: string;
  readonly available: boolean;
  readonly reason: string | undefined;
}

export const channels = {
  limitDecided: event<LimitDecided>("aivillage:rate-limit:decided"),
  penaltyChanged: event<PenaltyChange>("aivillage:rate-limit:penalty-changed"),
  limitStoreChanged: event<Store>("aivillage:rate-limit:store-availability-changed"),
  attempted: event<Attempted>("aivillage:downstream-proxy:attempted"),
  breakerChanged: event<OfRequest & { readonly target: string; readonly from: string; readonly to: string }>(
    "aivillage:downstream-proxy:breaker-changed",
  ),
  replicaChanged: event<OfRequest & { readonly target: string; readonly origin: string; readonly to: "ejected" | "returned" }>(
    "aivillage:downstream-proxy:replica-changed",
  ),
  concurrencyExceeded: event<OfRequest & { readonly target: string }>("aivillage:downstream-proxy:concurrency-exceeded"),
  serviceChanged: event<{ readonly service: string; readonly to: string; readonly error?: string }>(
    "aivillage:health-cascade:service-status-changed",
  ),
  admitted: event<OfRequest & { readonly limits: readonly string[]; readonly waitedMs: number }>("aivillage:admission:admitted"),
  released: event<OfRequest & { readonly limits: readonly string[] }>("aivillage:admission:released"),
  admissionRefused: event<OfRequest & { readonly limit: string; readonly of: string; readonly reason: string }>(
    "aivillage:admission:refused",
  ),
  budgetDecided: event<BudgetDecision>("aivillage:token-budget:decided"),
  budgetThreshold: event<{ readonly budget: string; readonly percent: number }>("aivillage:token-budget:threshold-reached"),
  budgetStoreChanged: event<Store>("aivillage:token-budget:store-availability-changed"),
  callEnded: event<CallEnded>("aivillage:ai-call:ended"),
  authenticationFailed: event<OfRequest & { readonly reason: string }>("aivillage:api-key-auth:authentication-failed"),
  inputRefused: event<Input>("aivillage:input-sanitizer:refused"),
  uploadRefused: event<OfRequest & { readonly reason: string }>("aivillage:file-upload:refused"),
  problemSent: event<Sent>("aivillage:problem-details:sent"),
} as const;
