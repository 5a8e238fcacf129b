import cluster, { type Worker } from "node:cluster";

import { hasMessageType, option, readOptions, RequestReply } from "@aivillage/middleware";

import { workerCallFailed } from "../events.ts";
import { packageName } from "../package-name.ts";
import type { CallName, CallReply, Fleet } from "./fleet.ts";
import { type LastingCall, LastingCalls, type MadeCall } from "./lasting-calls.ts";
import { messageType, type Question } from "./messages.ts";

/** Options of `workerFleet()`. */
export interface WorkerFleetOptions<Calls> {
  /** How long a worker may take to reply, in milliseconds. Default 2000. */
  timeoutMs?: number;
  /**
   * Which calls set something that lasts, such as a log level. The last one of each name, up to 1,000 names, is made in workers that start
   * later too. Default: none.
   */
  lasting?: (call: CallName<Calls>, args: readonly unknown[]) => LastingCall | undefined;
}

/**
 * In the primary of `node:cluster`: the workers that called `joinFleet()` and still live. Make it before they start.
 *
 * @throws OptionError for an unknown or bad option, Error in a worker
 */
export function workerFleet<Calls extends object>(options?: WorkerFleetOptions<Calls>): Fleet<Calls> {
  const { timeoutMs, lasting } = readOptions(packageName, options, {
    timeoutMs: option.integer(2_000, { min: 1, max: 3_600_000 }),
    lasting: option.function<Required<WorkerFleetOptions<Calls>>["lasting"]>(() => undefined),
  });
  if (!cluster.isPrimary) throw new Error(`${packageName}: workerFleet() belongs in the primary; a worker calls joinFleet()`);
  const workers = new Workers(timeoutMs);
  return {
    async all(call, ...args) {
      const asked = workers.askAll([call, args]);
      const set = lasting(call, args);
      if (set !== undefined) workers.lasting.note(set, [call, args]);
      const given = (await Promise.all(asked)).flatMap((reply) => reply ?? []);
      return { replies: given.map(({ value }) => value as CallReply<Calls, typeof call>), missing: asked.length - given.length };
    },
    async one(call, ...args) {
      const reply = await workers.askOne([call, args]);
      return reply?.value as CallReply<Calls, typeof call> | undefined;
    },
    close: () => workers.close(),
  };
}

/** What a worker returned, which may be `undefined`. */
interface Returned {
  readonly value: unknown;
}

class Workers {
  readonly lasting = new LastingCalls();
  readonly #timeoutMs: number;
  readonly #peers = new Map<Worker, RequestReply<Question>>();
  readonly #joined = new Set<Worker>();

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    cluster.on("message", this.#onMessage).on("disconnect", this.#onGone).on("exit", this.#onGone);
  }

  askAll(call: MadeCall): Promise<Returned | undefined>[] {
    return Array.from(this.#joined, (worker) => this.#ask(worker, call));
  }

  async askOne(call: MadeCall): Promise<Returned | undefined> {
    const [worker] = this.#joined;
    return worker === undefined ? undefined : await this.#ask(worker, call);
  }

  close(): void {
    cluster.off("message", this.#onMessage).off("disconnect", this.#onGone).off("exit", this.#onGone);
    for (const worker of this.#peers.keys()) this.#onGone(worker);
  }

  async #ask(worker: Worker, [call, args]: MadeCall): Promise<Returned | undefined> {
    try {
      return { value: await this.#peers.get(worker)?.ask({ call, args }, this.#timeoutMs) };
    } catch (error) {
      if (workerCallFailed.hasSubscribers) workerCallFailed.publish({ worker: worker.id, call, error: error as Error });
      return undefined;
    }
  }

  #peerOf(worker: Worker): RequestReply<Question> {
    const known = this.#peers.get(worker);
    if (known !== undefined) return known;
    const made = new RequestReply<Question>({
      type: messageType,
      send: (message) => void worker.send(message, () => undefined),
      reply: (question) => this.#setMember(worker, "isMember" in question && question.isMember),
    });
    this.#peers.set(worker, made);
    return made;
  }

  #setMember(worker: Worker, isMember: boolean): void {
    if (!isMember) return void this.#joined.delete(worker);
    this.#joined.add(worker);
    for (const call of this.lasting.values()) void this.#ask(worker, call);
  }

  readonly #onMessage = (worker: Worker, message: unknown): void => {
    if (hasMessageType(message, messageType) && worker.isConnected()) this.#peerOf(worker).receive(message);
  };

  readonly #onGone = (worker: Worker): void => {
    this.#joined.delete(worker);
    this.#peers.get(worker)?.close();
    this.#peers.delete(worker);
  };
}
