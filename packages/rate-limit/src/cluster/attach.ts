import cluster, { type Worker } from "node:cluster";

import { processState } from "@aivillage/middleware";

import { MemoryStore, type MemoryStoreOptions } from "../memory/memory-store.ts";
import { type Answer, type Call, readBatch, toBatch } from "./messages.ts";
import { PrimaryPenalties } from "./primary-penalties.ts";

/** The counts of all workers, in the primary. */
export interface AttachedCounts {
  /** Where the workers' requests are counted. */
  readonly store: MemoryStore;
  /** Stops answering the workers, whose outage policy then decides. */
  close(): void;
}

/** Two that answer would count twice. */
const attached = processState("@aivillage/rate-limit.attached", { now: false });

/** Answers the `ClusterStore`s of all workers from one `MemoryStore`. */
export function attach(options?: MemoryStoreOptions): AttachedCounts {
  if (!cluster.isPrimary) throw new Error("@aivillage/rate-limit: ClusterStore.attach() belongs in the primary, this is a worker");
  if (attached.now) throw new Error("@aivillage/rate-limit: ClusterStore.attach() was called already; close() the first before");
  const store = new MemoryStore(options);
  const penalties = new PrimaryPenalties();
  attached.now = true;

  function onMessage(worker: Worker, message: unknown): void {
    const batch = readBatch<Call>(message);
    if (batch === undefined) return;
    const answers = batch.items.map((call) => answerTo(call, store, penalties));
    // A worker that died meanwhile needs no answer; what it was granted stays counted.
    if (worker.isConnected()) worker.send(toBatch(batch.id, answers), () => undefined);
  }

  cluster.on("message", onMessage);
  return {
    store,
    close() {
      cluster.off("message", onMessage);
      store.close();
      attached.now = false;
    },
  };
}

function answerTo(call: Call, store: MemoryStore, penalties: PrimaryPenalties): Answer {
  try {
    if (call.do === "decide") return { decision: store.decide(call.charges) };
    if (call.do === "read penalties") return { penalties: penalties.read(call.known) };
    if (call.do === "refund") store.refund(call.charges, { allowed: true, atMs: call.atMs, verdicts: [] });
    if (call.do === "reset") store.reset(call.policy, call.key);
    if (call.do === "write penalty") penalties.write(call.record);
    if (call.do === "remove penalty") penalties.remove(call.key);
    return {};
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
