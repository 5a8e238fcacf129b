import type { IncomingMessage } from "node:http";

import { inputErrors } from "@aivillage/middleware";

import { channels, type Sent } from "./channels.ts";
import { EntryRing } from "./entry-ring.ts";
import type { OnEvent } from "./on-event.ts";
import type { Refusal } from "./report.ts";
import { cut, type RequestDescriber } from "./request-describer.ts";

/** The last refusals that are kept. */
export const refusalCount = 200;

/** Most rules of screening that are named. */
const mostRules = 3;

type Cause = Pick<Refusal, "by" | "reason"> & Partial<Pick<Refusal, "policy" | "status" | "problem">>;

/** What is said of credentials that are refused, where the reason alone says too little. */
const ofCredentials: Readonly<Record<string, string>> = { missing: "no credentials", unknown: "unknown key" };

/** What is said of an upstream that gave no response, by the outcome of the last attempt. */
const ofUpstreams: Readonly<Record<string, string>> = {
  connect_error: "no connection",
  timeout: "no response in time",
  reset: "connection broken",
  refused: "breaker open or queue full",
};

/** Keeps the last requests that were refused or failed, each once, however many events report it. */
export function keepRefusals(on: OnEvent, describer: RequestDescriber): EntryRing<Refusal> {
  const ring = new EntryRing<Refusal>(refusalCount);
  const known = new WeakMap<IncomingMessage, Refusal>();
  const failed = new WeakMap<IncomingMessage, string>();

  /** What refuses a request that was to be refused anyway has the last word. */
  function complete(entry: Refusal, { by, reason, policy, status }: Cause): void {
    Object.assign(entry, { by, reason: cut(`${reason} (${entry.reason})`), policy, status: status ?? entry.status });
    ring.touch(entry);
  }

  function add(req: IncomingMessage, what: Cause): void {
    const before = known.get(req);
    if (before !== undefined) return complete(before, what);
    const entry = { policy: undefined, status: undefined, problem: undefined, ...what, ...describer.describe(req), at: Date.now() };
    known.set(req, ring.add(entry));
  }

  on(channels.limitDecided, ({ req, policy, decision, penalised, dryRun }) => {
    if (decision !== "refused" || dryRun) return;
    add(req, { by: "rate limit", reason: penalised ? "limit exceeded under penalty" : "limit exceeded", policy, status: 429 });
  });
  on(channels.authenticationFailed, ({ req, reason }) => {
    const text = ofCredentials[reason] ?? reason.replaceAll("-", " ");
    add(req, { by: "credentials", reason: text, status: reason.startsWith("insufficient-") ? 403 : 401 });
  });
  on(channels.inputRefused, ({ req, findings }) => {
    const rules = findings.filter(({ outcome }) => outcome !== "flag").map((finding) => `${finding.class}/${finding.rule}`);
    add(req, { by: "input", reason: cut([...new Set(rules)].slice(0, mostRules).join(", ")) });
  });
  on(channels.uploadRefused, ({ req, reason }) => add(req, { by: "upload", reason }));
  on(channels.budgetDecided, ({ req, violated: [budget] }) => {
    if (budget !== undefined) add(req, { by: "budget", reason: "budget used up", policy: budget });
  });
  on(channels.admissionRefused, ({ req, limit, of, reason }) => {
    add(req, { by: "queue", reason, policy: limit, status: of === "client" ? 429 : 503 });
  });
  on(channels.concurrencyExceeded, ({ req, target }) => {
    add(req, { by: "concurrency", reason: "too many requests in progress", policy: target, status: 429 });
  });

  on(channels.attempted, ({ req, target, outcome }) => {
    const reason = ofUpstreams[outcome];
    if (reason !== undefined) failed.set(req, `${target}: ${reason}`);
  });

  function causeOf({ req, problem }: Sent): Cause {
    const { status, title } = problem;
    if (status < 500) return { by: "request", reason: cut(inputErrors(problem)?.join("; ") ?? title) };
    const upstream = failed.get(req);
    return upstream === undefined ? { by: "error", reason: cut(title) } : { by: "upstream", reason: cut(upstream) };
  }

  /** The last word on a request: what its client was sent. */
  on(channels.problemSent, (sent) => {
    const { req } = sent;
    const { status, type } = sent.problem;
    const entry = known.get(req);
    const problem = /^[\w-]+$/.test(type) ? type : undefined;
    // A missing path is not a refusal, and a client that tries a thousand of them must not hide the refusals.
    if (entry === undefined && status !== 404) add(req, { ...causeOf(sent), status, problem });
    if (entry === undefined) return;
    Object.assign(entry, { status, problem });
    ring.touch(entry);
  });
  return ring;
}
