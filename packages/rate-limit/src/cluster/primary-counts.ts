import { processState } from "@aivillage/middleware";

import type { PenaltyRecords } from "../penalty-records.ts";
import type { Remote } from "../remote/remote-store.ts";
import type { Charge, Decision } from "../store.ts";
import { type Answer, type Call, readBatch, toBatch } from "./messages.ts";

/** Batches that wait for an answer at once; the oldest is given up for a further one. */
const mostWaiting = 1_000;
/** Calls that wait at once; a further one fails, and the outage policy decides. */
const mostCalls = 20_000;

type Reply = Exclude<Answer, { readonly error: string }>;

interface Asked {
  readonly call: Call;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/** Every `PrimaryCounts` of the process receives all answers. */
const ids = processState("@aivillage/rate-limit.batchIds", { last: 0 });

/** The counts in the primary, as a worker reaches them: all calls of one turn of the event loop go in one message. */
export class PrimaryCounts implements Remote {
  #queue: Asked[] = [];
  readonly #waiting = new Map<number, readonly Asked[]>();
  #calls = 0;
  readonly penalties: PenaltyRecords = {
    read: async (known) => (await this.#ask({ do: "read penalties", known })).penalties,
    write: async (record) => void (await this.#ask({ do: "write penalty", record })),
    remove: async (key) => void (await this.#ask({ do: "remove penalty", key })),
  };

  constructor() {
    process.on("message", this.#onMessage);
  }

  async decide(charges: readonly Charge[]): Promise<Decision> {
    const { decision } = await this.#ask({ do: "decide", charges });
    if (decision === undefined) throw new Error("the primary gave no decision");
    return { ...decision, verdicts: decision.verdicts.map(withEndlessWait) };
  }

  async refund(charges: readonly Charge[], { atMs }: Decision): Promise<void> {
    await this.#ask({ do: "refund", charges, atMs });
  }

  async reset(policy: string, key: string): Promise<void> {
    await this.#ask({ do: "reset", policy, key });
  }

  probe(): Promise<unknown> {
    return this.#ask({ do: "probe" });
  }

  close(): void {
    process.off("message", this.#onMessage);
  }

  #ask(call: Call): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#calls >= mostCalls) return reject(new Error("too many calls wait for the primary"));
      this.#calls += 1;
      if (this.#queue.length === 0) setImmediate(() => this.#flush());
      this.#queue.push({ call, resolve, reject });
    });
  }

  #flush(): void {
    const asked = this.#queue;
    this.#queue = [];
    ids.last += 1;
    const id = ids.last;
    this.#waiting.set(id, asked);
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size > mostWaiting && oldest !== undefined) this.#settle(oldest, "the primary does not answer");
    const message = toBatch(
      id,
      asked.map(({ call }) => call),
    );
    if (!process.connected) return this.#settle(id, "the primary is gone");
    process.send?.(message, undefined, undefined, (error) => error !== null && this.#settle(id, error.message));
  }

  readonly #onMessage = (message: unknown): void => {
    const batch = readBatch<Answer>(message);
    if (batch !== undefined) this.#settle(batch.id, batch.items);
  };

  #settle(id: number, outcome: readonly Answer[] | string): void {
    const asked = this.#waiting.get(id) ?? [];
    this.#waiting.delete(id);
    this.#calls -= asked.length;
    for (const [index, { resolve, reject }] of asked.entries()) {
      const answer = typeof outcome === "string" ? { error: outcome } : (outcome[index] ?? { error: "the primary left out an answer" });
      if ("error" in answer) reject(new Error(answer.error));
      else resolve(answer);
    }
  }
}

/** JSON has no `Infinity`: it arrives as `null`. */
function withEndlessWait(verdict: Decision["verdicts"][number]): Decision["verdicts"][number] {
  return { ...verdict, resetMs: verdict.resetMs ?? Infinity };
}
