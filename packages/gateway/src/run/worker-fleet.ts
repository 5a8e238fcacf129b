import cluster, { type Worker } from "node:cluster";

import type { Fleet, Replies, Reply } from "../admin/fleet.ts";
import type { ProcessCall, ServingProcess } from "../admin/serving-process.ts";
import { callOf, isProcessMessage } from "./process-messages.ts";

/** How long a worker may take to reply. */
const patienceMs = 2_000;

type Settle = (reply: unknown) => void;

const noReply = Symbol("no reply");

/**
 * In a primary: the workers that serve.
 *
 * Log level and draining replicas hold for the workers that start later too.
 */
export class WorkerFleet implements Fleet {
  readonly #serving = new Set<Worker>();
  readonly #waiting = new Map<number, Settle>();
  readonly #standing = new Map<string, readonly [call: ProcessCall, args: readonly unknown[]]>();
  #lastId = 0;

  constructor() {
    cluster.on("message", this.#onMessage).on("disconnect", this.#onGone).on("exit", this.#onGone);
  }

  async all<Call extends ProcessCall>(call: Call, ...args: Parameters<ServingProcess[Call]>): Promise<Replies<Call>> {
    const replies = await Promise.all([...this.#serving].map((worker) => this.#ask(worker, call, args)));
    this.#remember(call, args);
    const given = replies.filter((reply) => reply !== noReply) as Reply<Call>[];
    return { replies: given, missing: replies.length - given.length };
  }

  async one<Call extends ProcessCall>(call: Call, ...args: Parameters<ServingProcess[Call]>): Promise<Reply<Call> | undefined> {
    const [worker] = this.#serving;
    const reply = worker === undefined ? noReply : await this.#ask(worker, call, args);
    return reply === noReply ? undefined : (reply as Reply<Call>);
  }

  close(): void {
    cluster.off("message", this.#onMessage).off("disconnect", this.#onGone).off("exit", this.#onGone);
    for (const settle of this.#waiting.values()) settle(noReply);
  }

  /** Only the last call about the same thing counts. A replica that is back in choice is as in a new worker. */
  #remember(call: ProcessCall, args: readonly unknown[]): void {
    if (call === "setLogLevel") this.#standing.set(call, [call, args]);
    if (call !== "setDraining") return;
    const [replica, isDraining] = args;
    if (isDraining === true) this.#standing.set(`${call} ${String(replica)}`, [call, args]);
    else this.#standing.delete(`${call} ${String(replica)}`);
  }

  #ask(worker: Worker, call: ProcessCall, args: readonly unknown[]): Promise<unknown> {
    const id = (this.#lastId += 1);
    return new Promise((resolve) => {
      const settle: Settle = (reply) => {
        clearTimeout(timer);
        this.#waiting.delete(id);
        resolve(reply);
      };
      const timer = setTimeout(() => settle(noReply), patienceMs).unref();
      this.#waiting.set(id, settle);
      if (worker.isConnected()) worker.send(callOf(id, call, args), () => undefined);
      else settle(noReply);
    });
  }

  readonly #onMessage = (worker: Worker, message: unknown): void => {
    if (!isProcessMessage(message) || "call" in message) return;
    if ("ready" in message) {
      this.#serving.add(worker);
      for (const [call, args] of this.#standing.values()) void this.#ask(worker, call, args);
      return;
    }
    this.#waiting.get(message.id)?.("error" in message ? noReply : message.reply);
  };

  readonly #onGone = (worker: Worker): void => {
    this.#serving.delete(worker);
  };
}
