import { hash } from "node:crypto";

import { type RedisScript, runScript, type SendCommand } from "@aivillage/middleware";

import type { Remote } from "../remote/remote-store.ts";
import type { Charge, Decision, Verdict } from "../store.ts";
import { noteRepaired } from "./entries.ts";
import { RedisPenalties } from "./redis-penalties.ts";
import { decideScript, refundScript } from "./scripts.ts";

const repliesPerCharge = 3;

/** The counts in Redis: one script call decides all charges whose keys may stand in one call. */
export class RedisCounts implements Remote {
  readonly #send: SendCommand;
  readonly #prefix: string;
  readonly penalties: RedisPenalties;

  constructor(send: SendCommand, prefix: string) {
    this.#send = send;
    this.#prefix = prefix;
    this.penalties = new RedisPenalties(send, `${prefix}{penalties}`);
  }

  async decide(charges: readonly Charge[]): Promise<Decision> {
    const args = charges.flatMap(({ limit, windowMs, cost, mode }) => [String(limit), String(windowMs), String(cost), mode ?? ""]);
    const reply = (await this.#run(decideScript, charges, args)) as number[];
    const verdicts = charges.map(({ limit }, index) => toVerdict(limit, reply, 1 + index * repliesPerCharge));
    noteRepaired("counts", Number(reply[1 + charges.length * repliesPerCharge]));
    const allowed = verdicts.every(({ exceeded }) => !exceeded);
    return { allowed, atMs: Number(reply[0]), verdicts };
  }

  async refund(charges: readonly Charge[], { atMs }: Decision): Promise<void> {
    const args = charges.flatMap(({ windowMs, cost }) => [String(windowMs), String(cost), String(atMs)]);
    await this.#run(refundScript, charges, args);
  }

  async reset(policy: string, key: string): Promise<void> {
    const name = this.#nameOf({ policy, key });
    await this.#send(name, ["DEL", name]);
  }

  /** Runs the script on no keys: it needs a Redis that is up and knows it. */
  probe(): Promise<unknown> {
    return this.#run(decideScript, [], []);
  }

  #run(script: RedisScript, charges: readonly Charge[], args: readonly string[]): Promise<unknown> {
    const names = charges.map((charge) => this.#nameOf(charge));
    return runScript(this.#send, script, names, args);
  }

  /** The client's part is a digest, which bounds its length and does not reveal it, and the hash tag of Redis Cluster. */
  #nameOf({ policy, key }: Pick<Charge, "policy" | "key">): string {
    return `${this.#prefix}{${hash("sha256", key, "base64url").slice(0, 22)}}:${policy}`;
  }
}

function toVerdict(limit: number, reply: readonly number[], at: number): Verdict {
  const [exceeded, used, wait] = [Number(reply[at]), Number(reply[at + 1]), Number(reply[at + 2])];
  return { exceeded: exceeded === 1, remaining: Math.max(0, limit - used), resetMs: wait === -1 ? Infinity : wait };
}
