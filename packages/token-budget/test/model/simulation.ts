import assert from "node:assert/strict";

import type { Ledger } from "../../src/memory/ledger.ts";
import { type Account, type Hold, settledKeptMs } from "../../src/store.ts";
import { periods } from "../../src/time/period.ts";
import type { Step } from "./steps.ts";

const leaseMs = 10_000;
const limit = 200;
const spanAt = periods({ ms: 60_000 }, "UTC");
const owners = ["tokens", "money", "calls"].flatMap((budget) => ["ann", "bob"].map((key) => ({ budget, key })));

interface Call {
  readonly id: string;
  readonly holds: Hold[];
  /** What it had reported when its process last reported. */
  used: number[];
  renewedMs: number;
  settledMs: number;
  /** Its lease ended, and others took what it had held: it holds only what it had reported. */
  isLost: boolean;
  state: "running" | "cut off" | "crashed" | "ended";
}

/** Clocks that a test moves. The steady one never goes back. */
export class ClockByHand {
  steady = 0;
  time = 1_800_000_000_000;

  steadyMs = (): number => this.steady;
  timeMs = (): number => this.time;
}

/**
 * Carries out steps on a ledger and on a plain record of the truth, and compares the two after each step: what is spent and held never exceeds
 * the limit, nothing is free, and nothing stays held.
 */
export class Simulation {
  readonly #clock: ClockByHand;
  readonly #ledger: Ledger;
  readonly #calls: Call[] = [];
  /** What should be spent of each account by calls that have ended, and its grants. */
  readonly #accounts = new Map<string, { readonly account: Account; spent: number; granted: number }>();
  admitted = 0;
  refused = 0;

  constructor(ledger: Ledger, clock: ClockByHand) {
    this.#ledger = ledger;
    this.#clock = clock;
  }

  step(step: Step): void {
    if (step.do === "begin") this.#begin(step);
    else if (step.do === "wait") {
      this.#clock.steady += step.ms;
      this.#clock.time += step.ms;
    } else if (step.do === "set clock") this.#clock.time += step.ms;
    else if (step.do === "grant") this.#grant(step);
    else this.#onCall(step);
    this.check();
  }

  /** Lets every lease end. Then nothing is held, and what is spent is what calls have used. */
  end(): void {
    this.#clock.steady += 2 * leaseMs;
    for (const call of this.#calls) if (isAlive(call)) this.#chargeReported(call);
    this.check();
    for (const [name, { account, spent }] of this.#accounts) {
      const [standing] = this.#ledger.read([account]);
      assert.equal(standing?.held, 0, `${name} still holds`);
      assert.equal(standing?.spent, spent, `${name} is charged what calls have used`);
    }
  }

  check(): void {
    for (const { account, granted } of this.#accounts.values()) {
      const [standing] = this.#ledger.read([account]);
      if (standing === undefined) throw new Error("no standing");
      const { spent, held } = standing;
      assert.ok(spent >= 0 && held >= 0, `${spent} spent, ${held} held`);
      assert.ok(spent + held <= limit + granted, `${spent} spent and ${held} held of ${limit + granted}`);
    }
  }

  #begin({ accounts, amount, used }: Step & { do: "begin" }): void {
    const { startMs, endMs } = spanAt(this.#clock.time);
    const holds = owners
      .filter((_, index) => (accounts & (1 << index)) !== 0)
      .map(({ budget, key }) => ({ budget, key, startMs, endMs, limit, amount, used: Math.floor(amount * used) }));
    if (holds.length === 0) return;
    const call: Call = {
      id: `call-${this.#calls.length}`,
      holds,
      used: holds.map((hold) => hold.used),
      renewedMs: this.#clock.steady,
      settledMs: Infinity,
      isLost: false,
      state: "running",
    };
    for (const hold of holds) this.#account(hold);
    if (!this.#ledger.hold(call.id, holds, leaseMs).allowed) {
      this.refused += 1;
      return;
    }
    this.admitted += 1;
    this.#calls.push(call);
  }

  #onCall(step: Extract<Step, { readonly call: number }>): void {
    const call = this.#calls[step.call % Math.max(1, this.#calls.length)];
    if (call === undefined) return;
    if (step.do === "settle again") {
      // A command that is sent again comes soon, or says that it is one.
      const isSoon = this.#clock.steady < call.settledMs + settledKeptMs;
      if (call.state === "ended" && isSoon) this.#settle(call, step.share, false);
      return;
    }
    if (!isAlive(call)) return;
    if (step.do === "crash") {
      this.#chargeReported(call);
    } else if (step.do === "cut off") call.state = "cut off";
    else if (step.do === "settle") this.#settle(call, step.share, true);
    else if (call.state === "running") this.#hold(call, step.do === "extend" ? Math.ceil(step.share * 20) : 0, step.share);
  }

  /** Extends by an amount, or renews the lease alone, with progress that never goes back. */
  #hold(call: Call, further: number, share: number): void {
    const isExpired = this.#isExpired(call);
    const asked = call.holds.map((hold, index) => {
      const reported = call.used[index] ?? 0;
      const used = isExpired ? reported : reported + Math.floor(share * (hold.amount - reported));
      return { ...hold, amount: hold.amount + further, used };
    });
    const { allowed } = this.#ledger.hold(call.id, asked, leaseMs);
    call.used = asked.map(({ used }) => used);
    call.renewedMs = this.#clock.steady;
    if (allowed) call.holds.splice(0, Infinity, ...asked);
    call.isLost = isExpired && !allowed;
  }

  #settle(call: Call, share: number, isFirst: boolean): void {
    const charges = call.holds.map((hold, index) => ({ ...hold, used: this.#final(call, hold, index, share) }));
    this.#ledger.settle(call.id, charges);
    if (!isFirst) return;
    call.state = "ended";
    call.settledMs = this.#clock.steady;
    for (const charge of charges) this.#account(charge).spent += charge.used;
  }

  /** What a call has used in the end. When its lease had ended, others may hold what it had left, so it gets no more than it had reported. */
  #final(call: Call, hold: Hold, index: number, share: number): number {
    const reported = call.used[index] ?? 0;
    return this.#isExpired(call) ? Math.floor(reported * share) : reported + Math.floor(share * (hold.amount - reported));
  }

  #isExpired({ isLost, renewedMs }: Call): boolean {
    return isLost || this.#clock.steady >= renewedMs + leaseMs;
  }

  #chargeReported(call: Call): void {
    call.state = "crashed";
    for (const [index, hold] of call.holds.entries()) this.#account(hold).spent += call.used[index] ?? 0;
  }

  #grant({ account, amount }: Step & { do: "grant" }): void {
    const owner = owners[account];
    if (owner === undefined) return;
    const whole = { ...owner, ...spanAt(this.#clock.time) };
    this.#ledger.grant(whole, amount);
    this.#account(whole).granted += amount;
  }

  #account({ budget, key, startMs, endMs }: Account): { spent: number; granted: number } {
    const name = `${budget} ${key} ${startMs}`;
    let known = this.#accounts.get(name);
    if (known === undefined) {
      known = { account: { budget, key, startMs, endMs }, spent: 0, granted: 0 };
      this.#accounts.set(name, known);
    }
    return known;
  }
}

function isAlive({ state }: Call): boolean {
  return state === "running" || state === "cut off";
}
