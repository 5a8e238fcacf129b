import cluster, { type Worker } from "node:cluster";

import { processState } from "@aivillage/middleware";

import { Gate } from "../gate/gate.ts";
import type { LimitCount } from "../store.ts";
import { type Call, type Note, Outbox, readCalls } from "./messages.ts";

/** The slots and the queue of all workers, in the primary. */
export interface AttachedSlots {
  /** What all workers hold and wait for. */
  counts(): readonly LimitCount[];
  /** Stops serving the workers, which then refuse what does not fit into their part. */
  close(): void;
}

/** Two that serve the same workers would give out every slot twice. */
const attached = processState("@aivillage/admission.attached", { now: false });

/** Serves the `ClusterStore`s of all workers from one queue. */
export function attach(): AttachedSlots {
  if (!cluster.isPrimary) throw new Error("@aivillage/admission: ClusterStore.attach() belongs in the primary, this is a worker");
  if (attached.now) throw new Error("@aivillage/admission: ClusterStore.attach() was called already; close() the first before");
  attached.now = true;
  const gate = new Gate();
  const visitors = new Map<Worker, Visitors>();

  function visitorsOf(worker: Worker): Visitors {
    const known = visitors.get(worker);
    if (known !== undefined) return known;
    const made = new Visitors(worker, gate);
    visitors.set(worker, made);
    return made;
  }

  function onMessage(worker: Worker, message: unknown): void {
    for (const call of readCalls(message)) visitorsOf(worker).take(call);
  }

  /** A worker that died has no more requests. */
  function onGone(worker: Worker): void {
    visitors.get(worker)?.leaveAll();
    visitors.delete(worker);
  }

  cluster.on("message", onMessage).on("disconnect", onGone).on("exit", onGone);
  return {
    counts: () => gate.counts(),
    close() {
      cluster.off("message", onMessage).off("disconnect", onGone).off("exit", onGone);
      for (const each of visitors.values()) each.leaveAll();
      attached.now = false;
    },
  };
}

/** The requests of one worker. */
class Visitors {
  readonly #gate: Gate;
  readonly #outbox: Outbox<Note>;
  readonly #leaves = new Map<number, () => void>();

  constructor(worker: Worker, gate: Gate) {
    this.#gate = gate;
    this.#outbox = new Outbox((batch) => {
      if (worker.isConnected()) worker.send(batch, () => undefined);
    });
  }

  take(call: Call): void {
    if (call.do === "resize") {
      this.#gate.caps.resize(call.limit, call.max);
      return this.#gate.dispatch();
    }
    if (call.do === "enter") return this.#enter(call);
    this.#leaves.get(call.id)?.();
    this.#leaves.delete(call.id);
  }

  leaveAll(): void {
    for (const leave of this.#leaves.values()) leave();
    this.#leaves.clear();
  }

  #enter({ id, ask }: Extract<Call, { do: "enter" }>): void {
    const leave = this.#gate.enter(ask, {
      queued: (position) => this.#outbox.push({ do: "queued", id, position }),
      admitted: (position) => this.#outbox.push({ do: "admitted", id, position }),
      refused: (refusal) => {
        this.#leaves.delete(id);
        this.#outbox.push({ do: "refused", id, refusal });
      },
    });
    this.#leaves.set(id, leave);
  }
}
