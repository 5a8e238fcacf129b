import cluster from "node:cluster";

import { replyToWorkers, processState, readOptions } from "@aivillage/middleware";

import { MemoryStore, type MemoryStoreOptions } from "../memory/memory-store.ts";
import { packageName } from "../package-name.ts";
import { remoteRules, type RemoteStoreOptions } from "../remote/remote-options.ts";
import { RemoteStore } from "../remote/remote-store.ts";
import { type Call, messageType, type Reply } from "./messages.ts";
import { PrimaryBudgets } from "./primary-budgets.ts";

/** The budgets of all workers, in the primary. */
export interface AttachedBudgets {
  readonly store: MemoryStore;
  /** Stops serving the workers, whose outage policies then decide, and closes the store. */
  close(): void;
}

/** Two of them would count twice. */
const attached = processState("@aivillage/token-budget.attached", { now: false });

/**
 * Budgets in the primary of `node:cluster`, for all workers of this machine.
 *
 * Workers make one each; the primary calls `ClusterStore.attach()` once, with a journal if needed. A worker that dies is charged what it
 * reported last.
 *
 * @throws OptionError for an unknown or bad option, Error if this process is no worker
 */
export class ClusterStore extends RemoteStore {
  readonly #budgets: PrimaryBudgets;

  constructor(options?: RemoteStoreOptions) {
    const read = readOptions<RemoteStoreOptions, typeof remoteRules>(packageName, options, remoteRules);
    if (!cluster.isWorker)
      throw new Error(`${packageName}: new ClusterStore() belongs in a worker; the primary calls ClusterStore.attach()`);
    const budgets = new PrimaryBudgets();
    super("cluster", budgets, read);
    this.#budgets = budgets;
  }

  /**
   * Keeps the budgets of the workers; called once, in the primary.
   *
   * @throws Error in a worker, and if it was called already; OptionError for an unknown or bad option
   */
  static attach(options?: MemoryStoreOptions): AttachedBudgets {
    if (!cluster.isPrimary) throw new Error(`${packageName}: ClusterStore.attach() belongs in the primary, this is a worker`);
    if (attached.now) throw new Error(`${packageName}: ClusterStore.attach() was called already; close() the first before`);
    const store = new MemoryStore(options);
    attached.now = true;
    const stop = replyToWorkers<Call, Reply>(messageType, (call) => replyTo(call, store));
    return {
      store,
      close() {
        stop();
        store.close();
        attached.now = false;
      },
    };
  }

  /** Stops the timers and listens to the primary no more. */
  override close(): void {
    super.close();
    this.#budgets.close();
  }
}

async function replyTo(call: Call, store: MemoryStore): Promise<Reply> {
  if (call.do === "hold") return { result: await store.hold(call.call, call.holds, call.leaseMs) };
  if (call.do === "settle") return { changed: await store.settle(call.call, call.charges) };
  if (call.do === "read") return { standings: store.read(call.accounts) };
  if (call.do === "list") return { standings: store.list(call.filter) };
  if (call.do === "grant") return { standings: [await store.grant(call.account, call.amount)] };
  if (call.do === "reset") return { standings: [await store.reset(call.account)] };
  return {};
}
