import type { PenaltyRecords } from "../penalty-records.ts";
import type { Remote } from "../remote/remote-store.ts";
import type { Charge, Decision, Verdict } from "../store.ts";

/**
 * Counts on a Redis Cluster, where one call may name keys of one slot only: charges of one client key go together.
 *
 * A request whose policies charge several client keys takes one call for each, at the same time; when one of them refuses, the
 * others are taken back before the response is sent. So no limit is ever exceeded; for that moment others may be refused too early.
 */
export class CountsBySlot implements Remote {
  readonly #counts: Remote;
  readonly penalties: PenaltyRecords;
  /** The decisions of which one is made, by client key: each node of the cluster has its own clock. */
  readonly #parts = new WeakMap<Decision, Map<string | undefined, Decision>>();

  constructor(counts: Remote) {
    this.#counts = counts;
    this.penalties = counts.penalties;
  }

  async decide(charges: readonly Charge[]): Promise<Decision> {
    const groups = groupByKey(charges);
    if (groups.length < 2) return this.#counts.decide(charges);
    const decisions = await Promise.all(groups.map((group) => this.#counts.decide(group)));
    const allowed = decisions.every((decision) => decision.allowed);
    if (!allowed) await this.#takeBack(groups, decisions);
    const parts = new Map(decisions.map((decision, index) => [groups[index]?.[0]?.key, decision]));
    const verdicts = charges.map((charge) => verdictOn(charge, groups, decisions, allowed));
    const whole = { allowed, atMs: Math.max(...decisions.map(({ atMs }) => atMs)), verdicts };
    this.#parts.set(whole, parts);
    return whole;
  }

  async refund(charges: readonly Charge[], decision: Decision): Promise<void> {
    const parts = this.#parts.get(decision);
    await Promise.all(groupByKey(charges).map((group) => this.#counts.refund(group, parts?.get(group[0]?.key) ?? decision)));
  }

  reset(policy: string, key: string): Promise<void> {
    return this.#counts.reset(policy, key);
  }

  probe(): Promise<unknown> {
    return this.#counts.probe();
  }

  async #takeBack(groups: readonly Charge[][], decisions: readonly Decision[]): Promise<void> {
    const charged = decisions.map(async (decision, index) => decision.allowed && this.#counts.refund(groups[index] ?? [], decision));
    await Promise.all(charged);
  }
}

function verdictOn(charge: Charge, groups: readonly Charge[][], decisions: readonly Decision[], allowed: boolean): Verdict {
  const index = groups.findIndex((group) => group.includes(charge));
  const decision = decisions[index];
  const verdict = decision?.verdicts[groups[index]?.indexOf(charge) ?? -1];
  if (decision === undefined || verdict === undefined) throw new Error("@aivillage/rate-limit: Redis gave no verdict");
  const isTakenBack = !allowed && decision.allowed;
  return isTakenBack ? { ...verdict, remaining: Math.min(charge.limit, verdict.remaining + charge.cost) } : verdict;
}

function groupByKey(charges: readonly Charge[]): Charge[][] {
  return [...Map.groupBy(charges, ({ key }) => key).values()];
}
