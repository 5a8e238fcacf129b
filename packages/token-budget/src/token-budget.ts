import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

import { type Handler, hasPassed, hasResponseClosed, type Next, passError } from "@aivillage/middleware";

import { type Applied, appliedTo } from "./applied.ts";
import type { BudgetedCall } from "./call.ts";
import type { BudgetStanding } from "./events.ts";
import { noteDecision } from "./http/decision.ts";
import { budgetUnavailable, modelNotPriced, quotaExceeded } from "./http/problems.ts";
import { Renewals } from "./http/renewals.ts";
import { RunningCall } from "./http/running-call.ts";
import { MemoryStore } from "./memory/memory-store.ts";
import { dearestOf } from "./money/prices.ts";
import { isCurrency } from "./money/units.ts";
import { available, type BudgetOperator, budgetOperator } from "./operator.ts";
import { readTokenBudgetOptions, type TokenBudgetOptions } from "./options.ts";
import { toBudgetStanding } from "./standing.ts";
import type { HoldResult } from "./store.ts";

/** The middleware of `tokenBudget()`. */
export interface TokenBudgetHandler extends Handler, BudgetOperator {
  /** How the budgets of a caller stand now, for a page that shows them. It needs no call. Rejects with a 503 problem while the store is unavailable. */
  standing(req: IncomingMessage): Promise<readonly BudgetStanding[]>;
  /** Stops the timers of the handler and of the store that it made itself. */
  close(): void;
}

/** Distinguishes the calls of processes that share a store. */
const processId = randomBytes(9).toString("base64url");
let calls = 0;

/**
 * Makes the middleware that lets a call pass only while every budget that applies has room for the most that it may use, and charges it what
 * it has used.
 *
 * Mount it after whatever verifies identities and reads the call, and before the proxy. A call that does not fit is a 429 problem.
 *
 * @throws OptionError for an unknown or bad option
 */
export function tokenBudget(options: TokenBudgetOptions): TokenBudgetHandler {
  const settings = readTokenBudgetOptions(options);
  const { budgets, tariffOf, leaseMs, headers } = settings;
  const store = settings.store ?? new MemoryStore();
  const renewals = new Renewals(leaseMs / 3);

  function startCall(req: IncomingMessage, res: ServerResponse, call: BudgetedCall, applied: readonly Applied[]): RunningCall {
    const isPriced = applied.some(({ budget }) => isCurrency(budget.unit));
    const tariff = isPriced && tariffOf !== undefined ? dearestOf([call.model, ...(call.otherModels ?? [])].map(tariffOf)) : undefined;
    if (isPriced && tariff === undefined) throw modelNotPriced();
    calls += 1;
    return new RunningCall(req, res, { settings, store, renewals, call, tariff, applied, id: `${processId}${calls.toString(36)}` });
  }

  function admit(req: IncomingMessage, res: ServerResponse, call: BudgetedCall, next: Next): void {
    const applied = appliedTo(req, budgets, Date.now());
    if (applied.length === 0) return next();
    const running = startCall(req, res, call, applied);
    const { holds } = running;
    const conclude = (result: HoldResult): void => {
      const violations = noteDecision(req, res, { applied, holds, result }, headers);
      if (!result.allowed) return passError(quotaExceeded(violations, leaseMs), res, next);
      // The client has left meanwhile: nobody gets a response, and the call is not made.
      if (hasResponseClosed(res) || res.destroyed) return running.drop();
      running.run();
      next();
    };
    const result = holdFirst(running);
    if (!("then" in result)) return conclude(result);
    result.then(conclude, (error: unknown) => passError(budgetUnavailable(error), res, next));
  }

  function tokenBudgetHandler(req: IncomingMessage, res: ServerResponse, next: Next): void {
    const call = settings.call(req);
    if (call === undefined || hasPassed(req, settings)) return next();
    try {
      admit(req, res, call, next);
    } catch (error) {
      passError(error, res, next);
    }
  }

  async function standing(req: IncomingMessage): Promise<readonly BudgetStanding[]> {
    const applied = appliedTo(req, budgets, Date.now());
    const accounts = applied.map(({ budget, key, startMs, endMs }) => ({ budget: budget.name, key, startMs, endMs }));
    const found = await available(() => store.read(accounts));
    return applied.flatMap(({ budget, limit }, index) => {
      const each = found[index];
      return each === undefined ? [] : [toBudgetStanding(budget, limit, each)];
    });
  }

  return Object.assign(tokenBudgetHandler, budgetOperator(budgets, store), {
    standing,
    close() {
      renewals.close();
      if (settings.store === undefined) store.close();
    },
  });
}

/** A store that refuses at once is as unavailable as one that does not respond. */
function holdFirst(running: RunningCall): HoldResult | PromiseLike<HoldResult> {
  try {
    return running.begin();
  } catch (error) {
    throw budgetUnavailable(error);
  }
}
