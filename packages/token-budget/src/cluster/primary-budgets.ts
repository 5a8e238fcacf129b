import { PrimaryCalls } from "@aivillage/middleware";

import type { RemoteBudgets } from "../remote/remote.ts";
import type { Account, AccountFilter, ChangedStanding, Charge, Hold, HoldResult, Standing } from "../store.ts";
import { type Call, messageType, type Reply } from "./messages.ts";

/** The budgets in the primary, as a worker reaches them. */
export class PrimaryBudgets implements RemoteBudgets {
  readonly #calls = new PrimaryCalls<Call, Reply>(messageType);

  async hold(call: string, holds: readonly Hold[], leaseMs: number): Promise<HoldResult> {
    const { result } = await this.#calls.ask({ do: "hold", call, holds, leaseMs });
    if (result === undefined) throw new Error("the primary gave no result");
    return result;
  }

  /** The primary knows every call for a minute; messages to it are not repeated by themselves. */
  async settle(call: string, charges: readonly Charge[]): Promise<readonly ChangedStanding[]> {
    return (await this.#calls.ask({ do: "settle", call, charges })).changed ?? [];
  }

  async read(accounts: readonly Account[]): Promise<readonly Standing[]> {
    return (await this.#calls.ask({ do: "read", accounts })).standings ?? [];
  }

  async list(filter?: AccountFilter): Promise<readonly Standing[]> {
    return (await this.#calls.ask({ do: "list", filter })).standings ?? [];
  }

  grant(account: Account, amount: number): Promise<Standing> {
    return this.#change({ do: "grant", account, amount });
  }

  reset(account: Account): Promise<Standing> {
    return this.#change({ do: "reset", account });
  }

  probe(): Promise<unknown> {
    return this.#calls.ask({ do: "probe" });
  }

  close(): void {
    this.#calls.close();
  }

  async #change(call: Call): Promise<Standing> {
    const [standing] = (await this.#calls.ask(call)).standings ?? [];
    if (standing === undefined) throw new Error("the primary gave no standing");
    return standing;
  }
}
