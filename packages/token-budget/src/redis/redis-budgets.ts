import { hash } from "node:crypto";

import { type RedisScript, runScript, type SendCommand } from "@aivillage/middleware";

import type { RemoteBudgets } from "../remote/remote.ts";
import {
  type Account,
  type AccountFilter,
  type ChangedStanding,
  type Charge,
  type Hold,
  type HoldResult,
  mostListed,
  type Standing,
} from "../store.ts";
import { changeScript, holdScript, readScript, settleScript } from "./scripts.ts";

const repliesPerAccount = 5;

/** The budgets in Redis. Each operation is one script call, whatever the number of accounts. */
export class RedisBudgets implements RemoteBudgets {
  readonly #send: SendCommand;
  /** One hash tag for all, so that a Redis Cluster decides all budgets of a call in one step too. */
  readonly #prefix: string;

  constructor(send: SendCommand, prefix: string) {
    this.#send = send;
    this.#prefix = `${prefix}{budgets}:`;
  }

  async hold(call: string, holds: readonly Hold[], leaseMs: number): Promise<HoldResult> {
    const args = holds.flatMap((each) => [...accountArgs(each), String(each.limit), String(each.amount), String(each.used)]);
    const [allowed, ...rest] = (await this.#run(holdScript, holds, [call, String(leaseMs), ...args])) as [number, ...string[]];
    return { allowed: allowed === 1, standings: toStandings(holds, rest) };
  }

  async settle(call: string, charges: readonly Charge[], unknown: "charge" | "skip"): Promise<readonly ChangedStanding[]> {
    const args = charges.flatMap((each) => [...accountArgs(each), String(each.used)]);
    return toStandings(charges, (await this.#run(settleScript, charges, [call, unknown, ...args])) as string[]);
  }

  async read(accounts: readonly Account[]): Promise<readonly Standing[]> {
    return toStandings(accounts, (await this.#run(readScript, accounts, [])) as string[]);
  }

  async list({ budget, key }: AccountFilter = {}): Promise<readonly Standing[]> {
    const found = new Map<string, Account>();
    let cursor = "0";
    do {
      const pattern = `${this.#prefix}${budget ?? "*"}:${key === undefined ? "*" : digest(key)}:*`;
      const [next, names] = (await this.#send(this.#prefix, ["SCAN", cursor, "MATCH", pattern, "COUNT", "1000"])) as [string, string[]];
      const hashes = names.filter((name) => !name.endsWith(":leases"));
      const accounts = await Promise.all(hashes.map((name) => this.#account(name)));
      for (const [index, account] of accounts.entries()) if (account !== undefined) found.set(hashes[index] ?? "", account);
      cursor = next;
    } while (cursor !== "0" && found.size < mostListed);
    const accounts = [...found.values()].slice(0, mostListed);
    return (await Promise.all(chunks(accounts, 100).map((some) => this.read(some)))).flat();
  }

  grant(account: Account, amount: number): Promise<Standing> {
    return this.#change(account, "grant", amount);
  }

  reset(account: Account): Promise<Standing> {
    return this.#change(account, "reset", 0);
  }

  /** Runs a script on no accounts: it needs a Redis that is up, and gives it the script. */
  probe(): Promise<unknown> {
    return Promise.all([this.#run(holdScript, [], ["", "0"]), this.#run(settleScript, [], ["", "skip"])]);
  }

  async #change(account: Account, what: string, amount: number): Promise<Standing> {
    const reply = await this.#run(changeScript, [account], [what, String(amount), ...accountArgs(account)]);
    const [standing] = toStandings([account], reply as string[]);
    if (standing === undefined) throw new Error("Redis gave no standing");
    return standing;
  }

  async #account(name: string): Promise<Account | undefined> {
    const [budget, key, start, end] = (await this.#send(name, ["HMGET", name, "budget", "key", "start", "end"])) as (string | null)[];
    if (typeof budget !== "string" || typeof key !== "string") return undefined;
    return { budget, key, startMs: Number(start), endMs: Number(end) };
  }

  #run(script: RedisScript, accounts: readonly Account[], args: readonly string[]): Promise<unknown> {
    const names = accounts.map(({ budget, key, startMs }) => `${this.#prefix}${budget}:${digest(key)}:${startMs}`);
    return runScript(
      this.#send,
      script,
      names.flatMap((name) => [name, `${name}:leases`]),
      args,
    );
  }
}

/** Bounds the length of names. */
function digest(key: string): string {
  return hash("sha256", key, "base64url").slice(0, 22);
}

function accountArgs({ budget, key, startMs, endMs }: Account): string[] {
  return [budget, key, String(startMs), String(endMs)];
}

function toStandings(accounts: readonly Account[], reply: readonly string[]): ChangedStanding[] {
  return accounts.map(({ budget, key, startMs, endMs }, index) => {
    const at = index * repliesPerAccount;
    const [limit = 0, spent = 0, held = 0, granted = 0, spentBefore = 0] = reply.slice(at, at + repliesPerAccount).map(Number);
    return { budget, key, startMs, endMs, limit, spent, held, granted, spentBefore };
  });
}

function chunks<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, index) => list.slice(index * size, (index + 1) * size));
}
