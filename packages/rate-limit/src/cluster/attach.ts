import cluster from "node:cluster";

import { replyToWorkers, processState } from "@aivillage/middleware";

import { MemoryStore, type MemoryStoreOptions } from "../memory/memory-store.ts";
import { type Call, messageType, type Reply } from "./messages.ts";
import { PrimaryPenalties } from "./primary-penalties.ts";

/** The counts of all workers, in the primary. */
export interface AttachedCounts {
  /** Where the workers' requests are counted. */
  readonly store: MemoryStore;
  /** Stops serving the workers, whose outage policy then decides. */
  close(): void;
}

/** Two of them would count twice. */
const attached = processState("@aivillage/rate-limit.attached", { now: false });

/** Serves the `ClusterStore`s of all workers from one `MemoryStore`. */
export function attach(options?: MemoryStoreOptions): AttachedCounts {
  if (!cluster.isPrimary) throw new Error("@aivillage/rate-limit: ClusterStore.attach() belongs in the primary, this is a worker");
  if (attached.now) throw new Error("@aivillage/rate-limit: ClusterStore.attach() was called already; close() the first before");
  const store = new MemoryStore(options);
  const penalties = new PrimaryPenalties();
  attached.now = true;
  const stop = replyToWorkers<Call, Reply>(messageType, (call) => replyTo(call, store, penalties));
  return {
    store,
    close() {
      stop();
      store.close();
      attached.now = false;
    },
  };
}

function replyTo(call: Call, store: MemoryStore, penalties: PrimaryPenalties): Reply {
  if (call.do === "decide") return { decision: store.decide(call.charges) };
  if (call.do === "read penalties") return { penalties: penalties.read(call.known) };
  if (call.do === "refund") store.refund(call.charges, { allowed: true, atMs: call.atMs, verdicts: [] });
  if (call.do === "reset") store.reset(call.policy, call.key);
  if (call.do === "write penalty") penalties.write(call.record);
  if (call.do === "remove penalty") penalties.remove(call.key);
  return {};
}
