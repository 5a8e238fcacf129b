import cluster from "node:cluster";

import { option, processState, readOptions } from "@aivillage/middleware";

import { admissionStoreAvailabilityChanged } from "../events.ts";
import { Gate } from "../gate/gate.ts";
import { packageName } from "../package-name.ts";
import { partOf } from "../part-of.ts";
import type { AdmissionStore, Ask, Entrant, LimitCount } from "../store.ts";
import { attach, type AttachedSlots } from "./attach.ts";
import { type Call, type Note, Outbox, readNotes } from "./messages.ts";

/** Options of `new ClusterStore()`. */
export interface ClusterStoreOptions {
  /** How many workers share the slots: without the primary each has its part, at least 1. Default 1. */
  instances?: number;
}

/** A request of this worker, with the primary. */
interface Visitor {
  readonly ask: Ask;
  readonly entrant: Entrant;
  isAdmitted: boolean;
  /** Set when the primary is gone and the request waits here. */
  leaveHere: (() => void) | undefined;
}

/** All stores of a process receive all notes. */
const ids = processState("@aivillage/admission.visitorIds", { last: 0 });

const rules = { instances: option.integer(1, { min: 1, max: 1_000_000 }) };

/**
 * Slots and the queue in the primary of `node:cluster`, for all workers of this machine: the order is fair over all of them.
 *
 * Workers make one each; the primary calls `ClusterStore.attach()` once. The slots of a worker that dies are free at once.
 *
 * @throws OptionError for an unknown or bad option, Error when this process is no worker
 */
export class ClusterStore implements AdmissionStore {
  readonly #instances: number;
  readonly #visitors = new Map<number, Visitor>();
  readonly #outbox = new Outbox<Call>((batch) => {
    if (process.connected) process.send?.(batch, undefined, undefined, () => undefined);
  });
  /** Serves without the primary. */
  readonly #here = new Gate();

  constructor(options?: ClusterStoreOptions) {
    this.#instances = readOptions<ClusterStoreOptions, typeof rules>(packageName, options, rules).instances;
    if (!cluster.isWorker) {
      throw new Error(`${packageName}: new ClusterStore() belongs in a worker; the primary calls ClusterStore.attach()`);
    }
    process.on("message", this.#onMessage).on("disconnect", this.#onDisconnect);
  }

  /**
   * Keeps the slots of the workers; called once, in the primary.
   *
   * @throws Error in a worker, and when it was called already
   */
  static attach(): AttachedSlots {
    return attach();
  }

  enter(ask: Ask, entrant: Entrant): () => void {
    if (!process.connected) return this.#here.enter(partOf(ask, this.#instances), entrant);
    ids.last += 1;
    const id = ids.last;
    const visitor: Visitor = { ask, entrant, isAdmitted: false, leaveHere: undefined };
    this.#visitors.set(id, visitor);
    this.#outbox.push({ do: "enter", id, ask });
    return () => {
      visitor.leaveHere?.();
      if (this.#visitors.delete(id)) this.#outbox.push({ do: "leave", id });
    };
  }

  resize(limit: string, max: number): void {
    this.#outbox.push({ do: "resize", limit, max });
  }

  counts(): readonly LimitCount[] {
    const counts = new Map(this.#here.counts().map((count) => [count.limit, { ...count }]));
    for (const { ask, isAdmitted } of this.#visitors.values()) {
      for (const { limit } of ask.demands) {
        const count = counts.get(limit) ?? { limit, inFlight: 0, waiting: 0 };
        counts.set(limit, count);
        count[isAdmitted ? "inFlight" : "waiting"] += 1;
      }
    }
    return [...counts.values()];
  }

  /** Listens to the primary no more. */
  close(): void {
    process.off("message", this.#onMessage).off("disconnect", this.#onDisconnect);
  }

  readonly #onMessage = (message: unknown): void => {
    for (const note of readNotes(message)) this.#take(note);
  };

  #take(note: Note): void {
    const visitor = this.#visitors.get(note.id);
    if (visitor === undefined) return;
    if (note.do === "queued") return visitor.entrant.queued?.(note.position);
    if (note.do === "refused") {
      this.#visitors.delete(note.id);
      return visitor.entrant.refused(note.refusal);
    }
    visitor.isAdmitted = true;
    visitor.entrant.admitted(note.position);
  }

  /** Those that wait go on here, with this worker's part of the slots. */
  readonly #onDisconnect = (): void => {
    if (admissionStoreAvailabilityChanged.hasSubscribers)
      admissionStoreAvailabilityChanged.publish({ store: "cluster", available: false, reason: "the primary is gone" });
    for (const [id, visitor] of this.#visitors) {
      if (visitor.isAdmitted) continue;
      this.#visitors.delete(id);
      visitor.leaveHere = this.#here.enter(partOf(visitor.ask, this.#instances), visitor.entrant);
    }
  };
}
