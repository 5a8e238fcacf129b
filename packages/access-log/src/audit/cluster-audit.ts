import { option, PrimaryCalls, replyToWorkers, readOptions } from "@aivillage/middleware";

import { auditAvailabilityChanged } from "../events.ts";
import { packageName } from "../options.ts";
import { clean } from "../redact.ts";
import { auditHandler } from "./audit-handler.ts";
import type { AuditLog, AuditSink } from "./audit-log.ts";

const messageType = "aivillage:access-log.audit";

type Call = { readonly do: "write"; readonly record: object; readonly lost: number } | { readonly do: "look" | "flush" };

interface Reply {
  readonly available: boolean;
  readonly path: string;
  /** Why it cannot be written. */
  readonly reason?: string | undefined;
  /**
   * Records that were lost in the primary: each is in the reply to one worker, so that all workers together report it once. A primary of an
   * earlier version, whose workers were replaced after an update, does not say it.
   */
  readonly lost?: number;
}

/** Options of `workerAuditLog()`. */
export interface WorkerAuditOptions {
  /** As of `auditLog()`. Default `continue`. */
  onFailure?: "refuse" | "continue";
  /** Most records that wait for the primary; further ones are lost, and counted in the log. Default 10,000. */
  maxWaiting?: number;
}

const rules = {
  onFailure: option.oneOf(["refuse", "continue"], "continue"),
  maxWaiting: option.integer(10_000, { min: 1, max: 19_000 }),
};

/**
 * In the primary of `node:cluster`: writes the records of the workers' `workerAuditLog()` into one log, in the order in which they come.
 *
 * @returns stops it; the log stays open
 */
export function attachAuditLog(log: AuditLog): () => void {
  let failure: Error | undefined;
  let lost = 0;
  const unsubscribe = auditAvailabilityChanged.subscribe(({ path, error, lost: more }) => {
    if (path !== log.path) return;
    failure = error;
    lost += more;
  });
  const stop = replyToWorkers<Call, Reply>(messageType, async (call) => {
    if (call.do === "write") {
      log.write(call.record);
      if (call.lost > 0) log.write({ lost_records: call.lost });
    }
    if (call.do === "flush") await log.flushed().catch(() => undefined);
    const untold = lost;
    lost = 0;
    return { available: log.isAvailable, path: log.path, reason: failure?.message, lost: untold };
  });
  return () => {
    stop();
    unsubscribe();
  };
}

const lookEveryMs = 1_000;
/** A primary that is silent does not hold up the end of a worker. */
const closeMs = 5_000;

/** In a worker: sends records to the log of the primary. What a worker that is killed has not sent is lost. */
export function workerAuditLog(options?: WorkerAuditOptions): AuditSink {
  const { onFailure, maxWaiting } = readOptions<WorkerAuditOptions, typeof rules>(packageName, options, rules);
  const calls = new PrimaryCalls<Call, Reply>(messageType);
  const waiting = new Set<Promise<void>>();
  let isAvailable = true;
  /** Since the last record that was sent, for the log. */
  let lost = 0;
  /** Since the last event. */
  let unreported = 0;

  function lose(records: number): void {
    lost += records;
    unreported += records;
  }

  function note({ available, path, reason, lost: lostInPrimary = 0 }: Reply): void {
    if (available === isAvailable && lostInPrimary === 0) return;
    isAvailable = available;
    const error = available ? undefined : new Error(reason ?? "the log of the primary cannot be written");
    const all = unreported + lostInPrimary;
    unreported = 0;
    if (auditAvailabilityChanged.hasSubscribers) auditAvailabilityChanged.publish({ path, available, error, lost: all });
  }

  function send(call: Call): void {
    const sent = calls.ask(call).then(note, () => {
      if (call.do !== "write") return;
      lost += call.lost;
      lose(1);
    });
    waiting.add(sent);
    void sent.finally(() => waiting.delete(sent));
  }

  async function flushed(): Promise<void> {
    await Promise.all(waiting);
    note(await calls.ask({ do: "flush" }));
  }

  const timer = setInterval(() => {
    if (waiting.size === 0) send({ do: "look" });
  }, lookEveryMs).unref();

  return {
    write(record) {
      if (waiting.size >= maxWaiting) return lose(1);
      send({ do: "write", record: clean(record) as object, lost });
      lost = 0;
    },
    handler: auditHandler(() => !isAvailable && onFailure === "refuse"),
    get isAvailable() {
      return isAvailable;
    },
    flushed,
    async close() {
      clearInterval(timer);
      const late = new Promise<void>((resolve) => setTimeout(resolve, closeMs).unref());
      await Promise.race([flushed(), late]).catch(() => undefined);
      calls.close();
    },
  };
}
