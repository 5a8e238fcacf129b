import { PrimaryCalls } from "@aivillage/middleware";

import type { PenaltyRecords } from "../penalty-records.ts";
import type { Remote } from "../remote/remote-store.ts";
import type { Charge, Decision } from "../store.ts";
import { type Call, messageType, type Reply } from "./messages.ts";

/** The counts in the primary, as a worker reaches them. */
export class PrimaryCounts implements Remote {
  readonly #calls = new PrimaryCalls<Call, Reply>(messageType);
  readonly penalties: PenaltyRecords = {
    read: async (known) => (await this.#calls.ask({ do: "read penalties", known })).penalties,
    write: async (record) => void (await this.#calls.ask({ do: "write penalty", record })),
    remove: async (key) => void (await this.#calls.ask({ do: "remove penalty", key })),
  };

  async decide(charges: readonly Charge[]): Promise<Decision> {
    const { decision } = await this.#calls.ask({ do: "decide", charges });
    if (decision === undefined) throw new Error("the primary gave no decision");
    return { ...decision, verdicts: decision.verdicts.map(withEndlessWait) };
  }

  async refund(charges: readonly Charge[], { atMs }: Decision): Promise<void> {
    await this.#calls.ask({ do: "refund", charges, atMs });
  }

  async reset(policy: string, key: string): Promise<void> {
    await this.#calls.ask({ do: "reset", policy, key });
  }

  probe(): Promise<unknown> {
    return this.#calls.ask({ do: "probe" });
  }

  close(): void {
    this.#calls.close();
  }
}

/** JSON has no `Infinity`: it arrives as `null`. */
function withEndlessWait(verdict: Decision["verdicts"][number]): Decision["verdicts"][number] {
  return { ...verdict, resetMs: verdict.resetMs ?? Infinity };
}
