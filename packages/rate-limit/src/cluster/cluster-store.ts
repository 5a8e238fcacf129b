import cluster from "node:cluster";

import { readOptions } from "@aivillage/middleware";

import type { MemoryStoreOptions } from "../memory/memory-store.ts";
import { packageName } from "../package-name.ts";
import { remoteRules, type RemoteStoreOptions } from "../remote/remote-options.ts";
import { RemoteStore } from "../remote/remote-store.ts";
import { attach, type AttachedCounts } from "./attach.ts";
import { PrimaryCounts } from "./primary-counts.ts";

/**
 * Counts in the primary of `node:cluster`, for all workers of this machine, with the guarantees of `MemoryStore`.
 *
 * Workers make one each; the primary calls `ClusterStore.attach()` once. Counts survive the death of a worker. Everything that a
 * worker asks in one turn of its event loop goes in one message.
 *
 * @throws OptionError for an unknown or bad option, Error when this process is no worker
 */
export class ClusterStore extends RemoteStore {
  readonly #counts: PrimaryCounts;

  constructor(options?: RemoteStoreOptions) {
    const read = readOptions<RemoteStoreOptions, typeof remoteRules>(packageName, options, remoteRules);
    if (!cluster.isWorker) {
      throw new Error("@aivillage/rate-limit: new ClusterStore() belongs in a worker; the primary calls ClusterStore.attach()");
    }
    const counts = new PrimaryCounts();
    super("cluster", counts, read);
    this.#counts = counts;
  }

  /**
   * Counts for the workers; called once, in the primary.
   *
   * @throws Error in a worker, and when it was called already; TypeError for an unknown or bad option
   */
  static attach(options?: MemoryStoreOptions): AttachedCounts {
    return attach(options);
  }

  /** Stops the timers and listens to the primary no more. */
  override close(): void {
    super.close();
    this.#counts.close();
  }
}
